/** The conversation's card: the message that opens the thread. Pure. */
import type { KnownBlock } from "@slack/types";
import type { Card } from "../../src/message.js";
import { escaped, nameShown } from "./to-slack.js";

/** `notePrefix`: what begins a note, as the config has it. */
export function cardMessage(card: Card, notePrefix: string): { text: string; blocks: KnownBlock[] } {
  const contact = nameShown(card.contact);
  const line = [nameShown(card.line), ...(card.did === undefined ? [] : [nameShown(card.did)])].join(" · ");
  return {
    text: escaped(`${contact} (${line})`),
    blocks: [
      {
        type: "rich_text",
        elements: [
          {
            type: "rich_text_section",
            elements: [
              { type: "emoji", name: "speech_balloon" },
              { type: "text", text: " " },
              { type: "text", text: contact, style: { bold: true } },
              { type: "text", text: `\n${line} · ${states[card.state]}` },
            ],
          },
        ],
      },
      {
        type: "context",
        elements: [
          {
            type: "plain_text",
            emoji: false,
            text: `Reply in this thread to text back. Begin with ${notePrefix} to write a note that only the team sees.`,
          },
        ],
      },
    ],
  };
}

const states: Readonly<Record<Card["state"], string>> = { open: "open" };
