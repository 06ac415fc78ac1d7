/**
 * What the config file may hold: every key, what its value looks like and what it is when left out. What several keys
 * must fulfil together stands in `checks.ts`. Platforms bring their own sections.
 */
import * as z from "zod";
import type { Place } from "../message.js";
import * as field from "./fields.js";
import type { PlatformConfig } from "./platform.js";

const { section } = field;

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
      to: field.fieldName("Write the name of the recipient's field").default("dst_num"),
      from: field.fieldName("Write the name of the sender's field").default("src_num"),
      text: field.fieldName("Write the name of the text's field").default("text"),
    }).prefault({}),
  }).prefault({}),
});

const inbox = section({
  notePrefix: field.textLike(/^\S(.*\S)?$/, "Write one or more characters, without spaces around them").default("//"),
  undoSeconds: field.decimal(0, 3600).default(0),
  askAfterMinutes: field.decimal(0, 525_600).default(60),
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

export type Schema = ReturnType<typeof schemaWith>;

/** The whole config, with a section for each of these platforms. Beyond it, platforms' sections have types of their own. */
export function schemaWith(platforms: readonly PlatformConfig[]) {
  const sections: object = Object.fromEntries(platforms.map(({ name, section: own }) => [name, own.exactOptional()]));
  return section({
    server: server.prefault({}),
    storage: field.storageUrl().default("sqlite:data/bridge.db"),
    links: field.keyvUrl().exactOptional(),
    pbx,
    ...sections,
    lines: nonEmptyList(lineWith(platforms), "Write at least one line: name, extension and to"),
    inbox: inbox.prefault({}),
    retention: retention.prefault({}),
    log: section({ level: field.oneOf(["debug", "info", "warn", "error"]).default("info") }).prefault({}),
  });
}

function lineWith(platforms: readonly PlatformConfig[]) {
  return section({
    name: field.text("Write what the team calls this line, such as Sales"),
    extension: field.wholeNumber(1, 999_999_999_999_999),
    did: field
      .textLike(/^\+[1-9]\d{6,14}$/, "Write the number with + and country code, without spaces, such as +15550100")
      .exactOptional(),
    to: nonEmptyList(placeWith(platforms), `Write where the line's texts go, such as ${examplePlace(platforms)}`),
  });
}

/** One key, the platform's name; its value is the chat. */
function placeWith(platforms: readonly PlatformConfig[]) {
  const chatKeys = Object.fromEntries(platforms.map(({ name, chat }) => [name, z.exactOptional(chat)]));
  return section(chatKeys).transform((chats, context): Place => {
    const [only, ...more] = Object.entries(chats);
    if (only !== undefined && more.length === 0) return { platform: only[0], chat: only[1] };
    const message = `must name exactly one place. Begin a new list item (-) for each, such as ${examplePlace(platforms)}`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });
}

function examplePlace([first]: readonly PlatformConfig[]): string {
  return first === undefined ? "" : `- ${first.name}: ${first.exampleChat}`;
}

function nonEmptyList<Item extends z.ZodType>(item: Item, want: string) {
  const error = ({ input }: { input?: unknown }): string =>
    `${input === undefined ? "is missing" : "must be a list"}. ${want}`;
  return z.array(item, { error }).min(1, { error: `is an empty list. ${want}` });
}

/** The keys that the map at this path may hold; none if there is no map. */
export function keysAt(schema: Schema, path: readonly (string | number)[]): readonly string[] {
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
