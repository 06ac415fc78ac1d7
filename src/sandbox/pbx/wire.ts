/** How the simulated PBX writes, with the quirks that a build may have. Written apart from the bridge's codec, to keep it honest. */
import type { Chat, Stored, World } from "./world.js";
import type { Quirks, SimulatedExtension, SimulatedSubscription } from "./types.js";

export type EventType = "message-in" | "message-out" | "message-out-status";

export type Wire = ReturnType<typeof createWire>;

export function createWire(quirks: Quirks, world: World, domain: string) {
  const id = (value: string) => (quirks.idsAsNumbers ? Number(value) : value);
  const number = (value: string) => (quirks.numbersWithoutPlus ? value.replace(/^\+/, "") : value);
  const parties = (message: { flow: "in" | "out"; did: string; contact: string }) =>
    message.flow === "in" ? [message.contact, message.did] : [message.did, message.contact];

  const message = (one: Stored) => {
    const [source = "", destination = ""] = parties(one).map(number);
    return {
      id: id(one.id),
      chat_id: id(one.chatId),
      extension_id: one.extension,
      flow: one.flow,
      src_num: source,
      dst_num: destination,
      init_time_gmt: time(one.at + quirks.clockOffsetMs, quirks.commaTimes),
      read: one.read,
      status: one.status,
      text: one.text,
    };
  };
  return {
    id,
    message,
    chat(chat: Chat, recent: number) {
      const messages = world.of(chat.extension).filter(({ chatId }) => chatId === chat.id);
      return {
        chat_id: id(chat.id),
        extension_id: chat.extension,
        src_num: number(chat.did),
        dst_num: number(chat.contact),
        unread: messages.filter(({ read }) => !read).length,
        messages: messages.slice(messages.length - Math.min(recent, messages.length)).map(message),
      };
    },
    subscription(one: SimulatedSubscription) {
      return { id: Number(one.id), url: one.url, event_type: one.type, method: one.method };
    },
    /** Exactly the documented fields: no id, no time. */
    event(type: EventType, extension: SimulatedExtension, one: Stored): Record<string, string> {
      const outcome = type === "message-out-status";
      return {
        ...(quirks.eventsWithoutType ? {} : { EventType: type }),
        extension_name: outcome ? extension.name : `${extension.name}@${domain}`,
        extension_id: String(extension.id),
        ...(type === "message-in"
          ? { did_number: number(one.did), src_number: number(one.contact) }
          : { src_number: number(one.did), dst_number: number(one.contact) }),
        text: one.text,
        ...(outcome ? { status: one.status } : {}),
      };
    },
    list(resource: string, rows: readonly unknown[], page: { page: number; perPage: number; order: string }): unknown {
      if (quirks.bareLists) return rows;
      return { page: page.page, per_page: page.perPage, order: page.order, [resource]: rows };
    },
  };
}

function time(at: number, withComma: boolean): string {
  const [date = "", clock = ""] = new Date(at).toISOString().split("T");
  return `${date} ${clock.slice(0, 8)}${withComma ? `,${clock.slice(9, 11)}` : ""}`;
}
