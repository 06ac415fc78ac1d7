/**
 * What the config file may hold: every key, what its value looks like and what it is when left out. What several keys
 * must fulfil together stands in `checks.ts`.
 */
import { z } from "zod";
import type { Place } from "../message.js";
import * as field from "./fields.js";

const server = section({
  host: field.text("Write an address to listen on, such as 0.0.0.0").default("0.0.0.0"),
  port: field.wholeNumber(0, 65_535).default(8080),
  publicUrl: field.httpUrl("path", "https://sms.example.com").exactOptional(),
  trustProxy: z.array(field.addressRange(), { error: "must be a list of addresses: [192.0.2.1]" }).default([]),
});

const pbx = section({
  url: field.httpUrl("origin", "https://pbx.example.com"),
  clientId: field.secret("Take it from the PBX's page of API applications"),
  clientSecret: field.secret("Take it from the PBX's page of API applications"),
  timeoutSeconds: field.decimal(0.1, 300).default(15),
  events: section({
    secret: field.eventsSecret(),
    register: field.yesOrNo().default(true),
    allowFrom: z.array(field.addressRange(), { error: "must be a list of addresses: [192.0.2.1]" }).default([]),
  }),
  catchUp: section({
    everySeconds: field.decimal(1, 86_400).default(60),
    lookBackHours: field.decimal(0.1, 720).default(24),
    listsWithinSeconds: field.decimal(0, 3600).default(120),
  }).prefault({}),
  limits: section({
    perSecond: field.decimal(0.01, 1000).default(5),
    concurrent: field.wholeNumber(1, 100).default(2),
  }).prefault({}),
  send: section({
    maxLength: field.wholeNumber(20, 100_000).default(1600),
    fields: section({
      to: field.text("Write the name of the recipient's field").default("dst_num"),
      from: field.text("Write the name of the sender's field").default("src_num"),
      text: field.text("Write the name of the text's field").default("text"),
    }).prefault({}),
  }).prefault({}),
});

const slack = section({
  botToken: field.slackToken("xoxb-"),
  appToken: field.slackToken("xapp-").exactOptional(),
  signingSecret: field.signingSecret().exactOptional(),
  apiUrl: field
    .httpUrl("path", "https://slack.com/api/")
    .transform((url) => `${url}/`)
    .default("https://slack.com/api/"),
  command: field
    .textLike(/^\/[a-z0-9_-]{1,31}$/, "Write a slash and up to 31 small letters, digits, _ or -, such as /sms")
    .default("/sms"),
  allowGuests: field.yesOrNo().default(false),
  allowOutsiders: field.yesOrNo().default(false),
});

const telegram = section({
  botToken: field.telegramToken(),
  webhookSecret: field.webhookSecret().exactOptional(),
  apiUrl: field.httpUrl("path", "https://api.telegram.org").default("https://api.telegram.org"),
  allowedUsers: z
    .array(field.wholeNumber(1, 999_999_999_999_999), { error: "must be a list of Telegram user ids: [123456789]" })
    .default([]),
});

const slackChannel = field.textLike(
  /^[CGD][A-Z0-9]{7,}$/,
  "Write the channel's id, such as C0123456789 (in Slack: the channel's details, at the bottom)",
);
const telegramChat = field.textLike(
  /^-?\d{1,16}$/,
  "Write the chat's id, a number such as -1001234567890 (groups have a minus in front)",
);

/** One key, the platform's name; its value is the chat. */
const place = section({ slack: slackChannel.exactOptional(), telegram: telegramChat.exactOptional() }).transform(
  (chats, context): Place => {
    const [only, ...more] = Object.entries(chats);
    if (only !== undefined && more.length === 0) return { platform: only[0], chat: only[1] };
    const message = "must name exactly one place. Begin a new list item (-) for each, such as - slack: C0123456789";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  },
);

const line = section({
  name: field.text("Write what the team calls this line, such as Sales"),
  extension: field.wholeNumber(1, 999_999_999_999_999),
  did: field
    .textLike(/^\+[1-9]\d{6,14}$/, "Write the number with + and country code, without spaces, such as +15550100")
    .exactOptional(),
  to: nonEmptyList(place, "Write where the line's texts go, such as - slack: C0123456789"),
});

const inbox = section({
  notePrefix: field.textLike(/^\S(.*\S)?$/, "Write one or more characters, without spaces around them").default("//"),
  undoSeconds: field.decimal(0, 3600).default(0),
  keepTextHours: field.decimal(0, 8760).default(24),
  country: field.country().default("US"),
  timeZone: field.timeZone().exactOptional(),
});

const days = (most: number, usual: number) => field.decimal(1, most).default(usual);

const retention = section({
  asideDays: days(3650, 30),
  ledgerDays: days(3650, 60),
  linkDays: days(3650, 180),
  seenDays: days(365, 7),
});

export const schema = section({
  server: server.prefault({}),
  storage: field.storageUrl().default("sqlite:data/bridge.db"),
  links: field.keyvUrl().exactOptional(),
  pbx,
  slack: slack.exactOptional(),
  telegram: telegram.exactOptional(),
  lines: nonEmptyList(line, "Write at least one line: name, extension and to"),
  inbox: inbox.prefault({}),
  retention: retention.prefault({}),
  log: section({ level: field.oneOf(["debug", "info", "warn", "error"]).default("info") }).prefault({}),
});

/** A map with these keys and no others. */
function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const keys = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: ({ code, input }) => {
      if (code === "unrecognized_keys") return "is not a key that this version knows";
      return input === undefined ? `is missing. It is a map; its keys: ${keys}` : `must be a map; its keys: ${keys}`;
    },
  });
}

function nonEmptyList<Item extends z.ZodType>(item: Item, want: string) {
  const error = ({ input }: { input?: unknown }): string =>
    `${input === undefined ? "is missing" : "must be a list"}. ${want}`;
  return z.array(item, { error }).min(1, { error: `is an empty list. ${want}` });
}

/** The keys that the map at this path may hold; none if there is no map. */
export function keysAt(path: readonly (string | number)[]): readonly string[] {
  const found = path.reduce<unknown>((outer, key) => inner(unwrap(outer), key), schema);
  const map = unwrap(found);
  return map instanceof z.ZodObject ? Object.keys(map.shape) : [];
}

function inner(type: unknown, key: string | number): unknown {
  if (type instanceof z.ZodArray) return type.element;
  return type instanceof z.ZodObject ? type.shape[key] : undefined;
}

/** The type beneath defaults, options and transforms. */
function unwrap(type: unknown): unknown {
  if (type instanceof z.ZodPrefault || type instanceof z.ZodDefault || type instanceof z.ZodExactOptional) {
    return unwrap(type.unwrap());
  }
  return type instanceof z.ZodPipe ? unwrap(type.in) : type;
}
