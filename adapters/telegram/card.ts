/** What a conversation's card looks like, and the name and colour of its topic. Pure. */
import type { Card } from "../../src/message.js";
import type { Setting } from "./to-telegram.js";
import { assemble, clip, type Words } from "./words.js";

const STATES: Readonly<Record<Card["state"], string>> = { open: "Open" };

/** What an earlier attempt may have left behind. */
const TWINS: Readonly<Record<Setting["kind"], string>> = {
  topic: "There may be an empty topic of the same name, left behind by a lost connection. This one is in use.",
  chain:
    "This may be a repeat: there may be another such message, left behind by a lost connection. This one is in use.",
};

export function renderCard(card: Card, setting: Setting["kind"]): Words {
  const line = card.did === undefined ? card.line : `${card.line} · ${card.did}`;
  const hint =
    setting === "topic"
      ? "Write here to answer."
      : "Reply to this message, or to any other of this conversation, to answer.";
  return assemble([
    { text: clip(card.contact, 120), style: "bold" },
    { text: ` · ${clip(line, 160)}\n${STATES[card.state]}\n` },
    { text: hint, style: "italic" },
    ...(card.repeat === true ? [{ text: `\n${TWINS[setting]}`, style: "italic" } as const] : []),
  ]);
}

/** At most 128 characters (core.telegram.org/bots/api#createforumtopic). */
export function topicName({ contact, line }: Card): string {
  return clip(`${contact} · ${line}`, 128);
}

/** The six that Telegram allows (core.telegram.org/bots/api#createforumtopic). */
const COLOURS = [0x6fb9f0, 0xffd67e, 0xcb86db, 0x8eee98, 0xff93b2, 0xfb6f5f] as const;

/** Each line has a colour, so that lines sharing a group are told apart at a glance. */
export function topicColour({ line }: Card): (typeof COLOURS)[number] {
  let hash = 7;
  for (let index = 0; index < line.length; index += 1) hash = (hash * 31 + line.charCodeAt(index)) % 65_521;
  return COLOURS[hash % COLOURS.length] ?? COLOURS[0];
}
