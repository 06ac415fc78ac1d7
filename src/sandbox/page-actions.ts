/** What a person can do on the page: read from JSON, carried out in the world. */
import * as z from "zod";
import { BREAKABLE, type Breaking } from "./breaking.js";
import { CONTACTS } from "./contacts.js";
import type { World } from "./world.js";

const text = z.string().trim().min(1, "Write something first.").max(4000, "That is longer than anybody texts.");
const contact = z.enum(CONTACTS.map(({ number }) => number));
const ts = z.string().regex(/^\d+\.\d{6}$/);
const id = z.number().int();

const ACTION = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("text"), contact, text }),
  z.strictObject({ do: z.literal("desk-phone"), contact, text }),
  z.strictObject({ do: z.literal("slack-reply"), thread: ts, user: z.string(), text }),
  z.strictObject({ do: z.literal("slack-edit"), ts, text }),
  z.strictObject({ do: z.literal("slack-delete"), ts }),
  z.strictObject({ do: z.literal("slack-press"), ts, action: z.string(), user: z.string() }),
  z.strictObject({ do: z.literal("telegram-reply"), topic: id, user: id, text }),
  z.strictObject({ do: z.literal("telegram-edit"), message: id, text }),
  z.strictObject({ do: z.literal("telegram-press"), message: id, data: z.string(), user: id }),
  z.strictObject({ do: z.literal("break"), what: z.enum(BREAKABLE), on: z.boolean() }),
  z.strictObject({ do: z.literal("stop") }),
  z.strictObject({ do: z.literal("start") }),
]);

export type Action = z.infer<typeof ACTION>;

/** Cannot be done; the message is for the person. */
export class Impossible extends Error {
  override readonly name = "Impossible";
}

/** Throws `Impossible`. */
export function readAction(json: string): Action {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Impossible("This is no JSON.");
  }
  const read = ACTION.safeParse(value);
  if (!read.success) throw new Impossible(read.error.issues[0]?.message ?? "This is nothing that one can do here.");
  return read.data;
}

export interface ActionDeps {
  readonly world: World;
  readonly breaking: Breaking;
  /** Ends the bridge, and lets it begin again on the same storage. */
  readonly power: { stop(): Promise<void>; start(): Promise<void> };
}

/** Rejects with `Impossible` when there is no such thing any more, or nobody there to do it. */
export async function act({ world, breaking, power }: ActionDeps, action: Action): Promise<void> {
  if (action.do === "stop" || action.do === "start") return power[action.do]();
  if (action.do === "break") return breaking.set(action.what, action.on);
  try {
    await inTheWorld(world, action);
  } catch (error) {
    throw new Impossible(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

type InTheWorld = Exclude<Action, { do: "stop" | "start" | "break" }>;

async function inTheWorld({ pbx, slack, telegram, did, channel, group }: World, action: InTheWorld): Promise<void> {
  switch (action.do) {
    case "text":
      return void pbx.textFrom(action.contact, did, action.text);
    case "desk-phone":
      return void pbx.deskPhoneSends(did, action.contact, action.text);
    case "slack-reply":
      return void slack.says(channel, action.user, action.text, { thread: action.thread });
    case "slack-edit":
      return slack.edits(channel, action.ts, action.text);
    case "slack-delete":
      return slack.removes(channel, action.ts);
    case "slack-press":
      if (await slack.presses(channel, action.ts, action.action, action.user)) return;
      throw new Error("Slack could not reach the bridge. Press again when it is back.");
    case "telegram-reply":
      return void telegram.says(group, action.user, action.text, action.topic === 1 ? {} : { topic: action.topic });
    case "telegram-edit":
      return telegram.edits(group, action.message, action.text);
    case "telegram-press":
      return void telegram.presses(group, action.message, action.data, action.user);
  }
}
