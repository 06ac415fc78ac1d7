/** What the simulated PBX knows: extensions, messages, chats and subscriptions. Nothing of HTTP. */
import type { SimulatedExtension, SimulatedMessage, SimulatedSubscription } from "./types.js";

export type Stored = { -readonly [Key in keyof SimulatedMessage]: SimulatedMessage[Key] } & {
  /** Epoch ms when the PBX came to know it, whatever time it bears. */
  readonly knownAt: number;
};

export interface Chat {
  readonly id: string;
  readonly extension: number;
  readonly did: string;
  readonly contact: string;
}

export type World = ReturnType<typeof createWorld>;

export function createWorld(now: () => number) {
  const extensions = new Map<number, SimulatedExtension>();
  const messages = new Map<string, Stored>();
  const sent: Stored[] = [];
  const chats = new Map<string, Chat>();
  const pairs = new Map<string, string>();
  const subscriptions = new Map<string, SimulatedSubscription>();
  let lastId = 1000;
  const nextId = () => String(++lastId);

  const chatOf = (extension: number, did: string, contact: string): Chat => {
    const pair = [extension, bare(did), bare(contact)].join(" ");
    const known = chats.get(pairs.get(pair) ?? "");
    if (known !== undefined) return known;
    const chat = { id: nextId(), extension, did, contact };
    chats.set(chat.id, chat);
    pairs.set(pair, chat.id);
    return chat;
  };
  const inChat = (id: string) => [...messages.values()].filter(({ chatId }) => chatId === id);

  return {
    extensions,
    messages,
    sent,
    chats,
    subscriptions,
    nextId,
    inChat,
    /** The extension that has this number, and the number as it is written there. */
    owner(did: string): { extension: SimulatedExtension; did: string } | undefined {
      for (const extension of extensions.values()) {
        const own = extension.dids.find((candidate) => bare(candidate) === bare(did));
        if (own !== undefined) return { extension, did: own };
      }
      return undefined;
    },
    record(
      extension: number,
      what: { flow: "in" | "out"; via: Stored["via"]; did: string; contact: string; text: string; at?: number },
    ): Stored {
      const chat = chatOf(extension, what.did, what.contact);
      const message: Stored = {
        id: nextId(),
        chatId: chat.id,
        extension,
        flow: what.flow,
        did: chat.did,
        contact: chat.contact,
        text: what.text,
        at: what.at ?? now(),
        read: what.flow === "out",
        status: what.flow === "in" ? "received" : "queued",
        via: what.via,
        knownAt: now(),
      };
      messages.set(message.id, message);
      if (what.via === "api") sent.push(message);
      return message;
    },
    clearChat(id: string): void {
      for (const message of inChat(id)) messages.delete(message.id);
    },
    /** Of one extension, oldest first. */
    of(extension: number): Stored[] {
      const own = [...messages.values()].filter((message) => message.extension === extension);
      return own.toSorted((a, b) => a.at - b.at || Number(a.id) - Number(b.id));
    },
  };
}

/** Written with or without + and 00, a number is the same. */
function bare(number: string): string {
  return number.replace(/^(\+|00)/, "");
}
