/** Slack's way to say no: an error code, sometimes with details, under status 200. */
export class SlackError extends Error {
  override readonly name = "SlackError";
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, details: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/** Arguments that Slack's own check refuses before the method looks at them. */
export function invalidArguments(message: string): SlackError {
  return new SlackError("invalid_arguments", { response_metadata: { messages: [`[ERROR] ${message}`] } });
}
