/** Every resource of the PBX's REST API that has to do with texts. */
import type { Logger } from "../log.js";
import { type Call, type Calls, createCalls, type Path } from "./calls.js";
import { chatFrom, createdId, listQuery, messageFrom, oneOf, sendBody, subscriptionFrom } from "./codec.js";
import { createExchange, type Fetch } from "./http.js";
import { listMessages, ListTooLong, type Page, pageOf, pages, perPage } from "./lists.js";
import { createTokens } from "./token.js";
import type { ListOptions, PbxClient, PbxMessage } from "./types.js";

export interface PbxClientOptions {
  /** The API's scheme and host. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** For numbers that the PBX writes without a country code; as in `partyOf`. */
  readonly country: string;
  /** How long one call may take in all; 15 s unless told. */
  readonly timeoutMs?: number;
  /** What the fields of a text to send are called. */
  readonly send?: { readonly fields: { readonly to: string; readonly from: string; readonly text: string } };
  /** How often a call that is safe to repeat is repeated; twice unless told. */
  readonly retries?: number;
}

export interface PbxClientDeps {
  /** node-fetch's, or one that takes the same options. */
  readonly fetch: Fetch;
  /** Epoch ms. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly logger: Logger;
  /** Who lists has room for one call; this resolves once there is room for one more. Without it, pages follow each other at once. */
  readonly anotherCall?: () => Promise<void>;
}

const sendFields = { to: "dst_num", from: "src_num", text: "text" };

export function createPbxClient(options: PbxClientOptions, deps: PbxClientDeps): PbxClient {
  const { url, country, timeoutMs = 15_000, retries = 2 } = options;
  const fields = options.send?.fields ?? sendFields;
  const exchange = createExchange({ timeoutMs }, deps);
  const tokens = createTokens(options, { exchange, now: deps.now });
  const calls = createCalls({ url, retries }, { ...deps, exchange, tokens });
  const lists = createLists(calls, country, deps);
  return {
    messages: messagesOf(calls, lists, fields, country),
    chats: chatsOf(calls, lists, country),
    events: eventsOf(calls, lists),
    authorize: async () => {
      await calls.repeated(() => tokens.get());
    },
  };
}

/** A list shrinks when somebody deletes, and that is seldom. */
const TOO_LONG_MS = 60_000;

function tooLong(what: string, read: number): string {
  return `The PBX could not ${what} whole: it has more than can be read at a time (${read} were), so what is not among them may be there all the same. Delete old ones in the PBX, or look there.`;
}

type Lists = ReturnType<typeof createLists>;

function createLists(calls: Calls, country: string, { logger, anotherCall }: PbxClientDeps) {
  const load = async <Item>(call: Call, parse: (row: unknown) => Item | undefined, page: number | undefined) => {
    if (page !== undefined) await anotherCall?.();
    const query = { ...call.query, per_page: String(perPage), ...(page === undefined ? {} : { page: String(page) }) };
    const got: Page<Item> = await calls.read({ ...call, query }, (body) => pageOf(body, call.path.of, parse));
    const unreadable = got.rows - got.items.length;
    if (unreadable > 0) logger.warn({ call: call.what, unreadable }, "The PBX lists entries that cannot be read");
    return got;
  };
  let untimed = false;
  /** Once: what is listed without a time is matched by its words alone, which may go wrong. */
  const tellOfUntimed = (items: readonly PbxMessage[]): void => {
    if (untimed || items.every(({ at }) => at !== undefined)) return;
    untimed = true;
    logger.warn(
      {},
      "The PBX lists texts whose init_time_gmt cannot be read as a time: texts may be taken for others with the same words. Ask its provider for YYYY-MM-DD HH:MM:SS in GMT",
    );
  };
  const checked = <Item>(call: Call, items: readonly Item[], complete: boolean, whole = false): readonly Item[] => {
    if (complete) return items;
    const reason = tooLong(call.what, items.length);
    logger.warn({ extension: call.path.extension, call: call.what, read: items.length }, reason);
    if (whole) throw new ListTooLong(reason, { afterMs: TOO_LONG_MS });
    return items;
  };
  return {
    all: async <Item extends { readonly id: string }>(call: Call, parse: (row: unknown) => Item | undefined) => {
      const found: Item[] = [];
      const walk = pages((page) => load(call, parse, page));
      for (;;) {
        const step = await walk.next();
        if (step.done === true) return checked(call, found, step.value);
        found.push(...step.value);
      }
    },
    messages: async (call: Call, list: ListOptions = {}) => {
      const parse = (row: unknown) => messageFrom(row, call.path.extension, country);
      const { messages, complete } = await listMessages(list, async (order, page) => {
        list.over?.throwIfAborted();
        const got = await load({ ...call, query: listQuery(list, order) }, parse, page);
        tellOfUntimed(got.items);
        return got;
      });
      return checked(call, messages, complete, list.whole);
    },
  };
}

function messagesOf(
  calls: Calls,
  lists: Lists,
  fields: { readonly to: string; readonly from: string; readonly text: string },
  country: string,
): PbxClient["messages"] {
  const path = (extension: number, id?: string): Path => ({
    extension,
    of: "message",
    ...(id === undefined ? {} : { id }),
  });
  return {
    send: async (extension, text) => {
      const call = { what: "send the text", path: { ...path(extension), tail: "send/" }, body: sendBody(fields, text) };
      return created(await calls.create({ ...call, hide: [text.text] }), "message");
    },
    list: (extension, list) => lists.messages({ what: "list the messages", path: path(extension) }, list),
    get: (extension, id) =>
      calls.read({ what: "get the message", path: path(extension, id) }, (body) =>
        messageFrom(oneOf(body, "message"), extension, country),
      ),
    markRead: (extension, id, read) =>
      calls.change({ what: "mark the message", path: path(extension, id), body: { read } }),
    remove: (extension, id) => calls.remove({ what: "delete the message", path: path(extension, id) }),
  };
}

function chatsOf(calls: Calls, lists: Lists, country: string): PbxClient["chats"] {
  const path = (extension: number, id?: string): Path => ({
    extension,
    of: "chat",
    ...(id === undefined ? {} : { id }),
  });
  const inside = (extension: number, id: string): Path => ({ ...path(extension, id), tail: "/messages/" });
  return {
    list: (extension) =>
      lists.all({ what: "list the chats", path: path(extension) }, (row) => chatFrom(row, extension, country)),
    get: (extension, id) =>
      calls.read({ what: "get the chat", path: path(extension, id) }, (body) => {
        const chat = Array.isArray(body) ? body : oneOf(body, "chat");
        return typeof chat === "object" && chat !== null ? chatFrom(chat, extension, country, id) : undefined;
      }),
    remove: (extension, id) => calls.remove({ what: "delete the chat", path: path(extension, id) }),
    messages: (extension, id, list) =>
      lists.messages({ what: "list the chat's messages", path: inside(extension, id) }, list),
    // Assumed: the body of a single message's PUT. Only the act is documented, not what it carries.
    markRead: (extension, id) =>
      calls.change({ what: "mark the chat as read", path: inside(extension, id), body: { read: true } }),
    clear: (extension, id) => calls.remove({ what: "delete the chat's messages", path: inside(extension, id) }),
  };
}

function eventsOf(calls: Calls, lists: Lists): PbxClient["events"] {
  const path = (extension: number, id?: string): Path => ({
    extension,
    of: "event",
    ...(id === undefined ? {} : { id }),
  });
  return {
    list: (extension) => lists.all({ what: "list the events", path: path(extension) }, subscriptionFrom),
    add: async (extension, { url, type, method }) => {
      const body = { url, event_type: type, method };
      return created(await calls.create({ what: "add the event", path: path(extension), body, hide: [url] }), "event");
    },
    remove: (extension, id) => calls.remove({ what: "remove the event", path: path(extension, id) }),
  };
}

function created(text: string, resource: string): { readonly id?: string } {
  const id = createdId(text, resource);
  return id === undefined ? {} : { id };
}
