/** `sandbox`: the whole bridge in a simulated world, until a signal. */
import { createLogger } from "../log.js";
import { startSandbox } from "../sandbox/index.js";
import { untilSignal } from "./signal.js";

/** Exit codes: 0 after a signal, 1 when the port cannot be used. */
export async function sandbox(port: number): Promise<void> {
  // The page tells of the failures that one plays with; only what is worse belongs on the terminal.
  const logger = createLogger(
    { level: "error", pretty: process.stderr.isTTY },
    { write: (line) => void process.stderr.write(line) },
  );
  try {
    const running = await startSandbox({ port, logger });
    const signal = untilSignal();
    process.stdout.write(welcome(running.url));
    await signal;
    await running.close();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${explain(error, port)}\n`);
    process.exit(1);
  }
}

function welcome(url: string): string {
  return `The sandbox: the whole bridge, with a PBX, a Slack and a Telegram that are simulated on this computer.
Open it in a browser: ${url}
Text as a customer, answer as a colleague, break things. Nothing leaves this computer, nothing is kept.
Ctrl+C ends it.
`;
}

function explain(error: unknown, port: number): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE")
    return `Port ${port} is taken, perhaps by another sandbox. Choose another one: node dist/src/main.js sandbox --port ${port + 1}`;
  if ("code" in error && error.code === "EACCES")
    return `This user may not listen on port ${port}. Choose one above 1023: node dist/src/main.js sandbox --port 8080`;
  return error.stack ?? error.message;
}
