/** Slack in the config: its section, and its channels in a line's `to`. */
import * as field from "../../src/config/fields.js";
import type { PlatformConfig } from "../../src/config/platform.js";
import { platform } from "./ids.js";

const API = "https://slack.com/api/";
const EXAMPLE = "C0123456789";
const NAMES = {
  "xoxb-": "the bot token (xoxb-…, on the app's page under OAuth & Permissions)",
  "xapp-": "the app-level token (xapp-…, on the app's page under Basic Information)",
};

const section = field.section({
  botToken: token("xoxb-"),
  /** Socket Mode. Exactly one of this and `signingSecret` (HTTP mode) is there. */
  appToken: token("xapp-").exactOptional(),
  signingSecret: signingSecret().exactOptional(),
  /** Ends with a slash. */
  apiUrl: field
    .httpUrl("path", API)
    .transform((url) => `${url}/`)
    .default(API),
  /** The slash command, with its slash. */
  command: field
    .textLike(/^\/[a-z0-9_-]{1,31}$/, "Write a slash and up to 31 small letters, digits, _ or -, such as /sms")
    .default("/sms"),
  /** Whether what guests write may leave the team; and what people of other workspaces write. */
  allowGuests: field.yesOrNo().default(false),
  allowOutsiders: field.yesOrNo().default(false),
});

export const slackConfig = {
  name: platform,
  section,
  chat: field.textLike(
    /^[CGD][A-Z0-9]{7,}$/,
    `Write the channel's id, such as ${EXAMPLE} (in Slack: the channel's details, at the bottom)`,
  ),
  exampleChat: EXAMPLE,
  check(written) {
    const modes = ["appToken", "signingSecret"].filter((key) => written[key] !== undefined);
    if (modes.length === 1) return [];
    const what = modes.length === 0 ? "has neither appToken nor signingSecret" : "has both appToken and signingSecret";
    return [`${what}. Keep appToken for Socket Mode (needs no public address), or signingSecret for HTTP mode`];
  },
  needsAddress: (written) =>
    written["signingSecret"] === undefined ? undefined : "slack is in HTTP mode (signingSecret)",
} as const satisfies PlatformConfig;

/** The tokens that Slack hands out look alike and are easily swapped: the words tell which one was found. */
function token(prefix: "xoxb-" | "xapp-") {
  const want = `Write ${NAMES[prefix]}`;
  return field.secret(want, (value) => {
    if (value.startsWith(prefix)) return undefined;
    const other = prefix === "xoxb-" ? "xapp-" : "xoxb-";
    if (value.startsWith(other)) return `is ${NAMES[other]}: it looks as if the two were swapped. ${want}`;
    if (value.startsWith("xoxp-")) return `is a user token (xoxp-…). ${want}`;
    return `does not begin with ${prefix}. ${want}`;
  });
}

function signingSecret() {
  const want = "Write the signing secret (on the app's page under Basic Information)";
  return field.secret(want, (value) =>
    /^x(ox[a-z]|app)-/.test(value) ? `is a token, not the signing secret. ${want}` : undefined,
  );
}
