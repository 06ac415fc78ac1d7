/** Who did something, and where that is seen from. */
import type { Author, ChatAdapter, KnowsPeople } from "../../adapter.js";
import { BRIDGE, showIn } from "../../bridge.js";
import type { Showing } from "../../bridge.js";
import { samePlace } from "../../links.js";
import type { Choice, Conversation, Place, PostId, Speaker } from "../../message.js";
import type { Transaction } from "../../store/port.js";
import type { Parts } from "../parts.js";

export interface Who {
  readonly name: string;
  readonly refused: string | undefined;
}

/** A conversation as seen from the place where something happened. */
export interface Scene {
  readonly conversation: Conversation;
  readonly here: Place;
  readonly others: readonly Place[];
}

export function sceneOf(parts: Parts, conversation: Conversation, here: Place): Scene {
  const others = parts.placesOf(conversation).filter((place) => !samePlace(place, here));
  return { conversation, here, others };
}

export async function whoIs(parts: Parts, platform: string, author: Author): Promise<Who> {
  const adapter = parts.adapter(platform);
  if (author.refused !== undefined) return { name: author.name ?? "Somebody", refused: author.refused };
  if (!knowsPeople(adapter)) return { name: author.name ?? "A colleague", refused: undefined };
  const { name, refused } = await adapter.person(author.id);
  return { name: author.name ?? name, refused };
}

function knowsPeople(adapter: ChatAdapter): adapter is ChatAdapter & KnowsPeople {
  return "person" in adapter;
}

export function colleague({ name }: Who, { platform }: Place): Speaker {
  return { kind: "colleague", name: `${name} (${platform.charAt(0).toUpperCase()}${platform.slice(1)})` };
}

export function notice(
  { conversation }: Scene,
  text: string,
  key: string,
  at: number,
  { about, choices }: { about?: Showing["about"]; choices?: readonly Choice[] | undefined } = {},
): Showing {
  const base = { conversation, speaker: BRIDGE, text, at, key };
  return { ...base, ...(about === undefined ? {} : { about }), ...(choices === undefined ? {} : { choices }) };
}

/** A post in another place that shows a message. */
export interface Copy {
  readonly place: Place;
  readonly post: PostId;
}

/** In each place about the copy there. */
export async function showAbout(
  tx: Transaction,
  parts: Parts,
  places: readonly Place[],
  showing: Showing,
  copies: readonly Copy[],
): Promise<void> {
  for (const place of places) {
    const about = copies.findLast((copy) => samePlace(copy.place, place));
    await show(tx, parts, [place], about === undefined ? showing : { ...showing, about });
  }
}

export async function show(tx: Transaction, parts: Parts, places: readonly Place[], showing: Showing): Promise<void> {
  for (const delivery of showIn(places, showing, parts.chats)) await tx.queue.add(delivery);
}
