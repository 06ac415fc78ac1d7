/** The resources of the simulated API. Strict: what the documents do not allow is refused. */
import { type ApiAnswer, type ApiRequest, filterOf, jsonOf, oneOf, positive, Refusal } from "./request.js";
import type { Change, Quirks } from "./types.js";
import type { Wire } from "./wire.js";
import type { Chat, Stored, World } from "./world.js";

export interface ApiOptions {
  readonly eventLimit: number;
  readonly sendFields: { readonly to: string; readonly from: string; readonly text: string };
  readonly quirks: Quirks;
  readonly now: () => number;
  /** A text was taken. */
  readonly onSent: (message: Stored) => void;
  readonly onChange: (change: Change) => void;
}

const eventTypes = "dial-in dial-out answer hangup message-in message-out message-out-status voicemail".split(" ");

type Resource = readonly [
  method: string,
  path: RegExp,
  act: (extension: number, id: string, request: ApiRequest) => ApiAnswer,
];

export function createApi(world: World, wire: Wire, options: ApiOptions): (request: ApiRequest) => ApiAnswer {
  const { quirks } = options;

  const message = (extension: number, id: string): Stored => {
    const found = world.messages.get(id);
    if (found === undefined || found.extension !== extension) throw new Refusal(404, "Message not found");
    return found;
  };
  const chat = (extension: number, id: string): Chat => {
    const found = world.chats.get(id);
    if (found === undefined || found.extension !== extension) throw new Refusal(404, "Chat not found");
    return found;
  };
  const messageList = (request: ApiRequest, candidates: readonly Stored[]): ApiAnswer => {
    const known = candidates.filter(({ knownAt }) => knownAt + quirks.listsLateMs <= options.now());
    const kept = known.filter(filterOf(request.query, quirks));
    return paged(request, "message", kept.map(wire.message));
  };
  const paged = (request: ApiRequest, resource: string, rows: readonly unknown[]): ApiAnswer => {
    const order = quirks.ignoresOrder ? "desc" : oneOf(request.query.get("order") ?? "desc", ["asc", "desc"]);
    const perPage = Math.min(positive(request.query, "per_page", 50), quirks.maxPerPage);
    const page = positive(request.query, "page", 1);
    const ordered = order === "desc" ? rows.toReversed() : rows;
    const shown = quirks.ignoresPaging ? ordered : ordered.slice((page - 1) * perPage, page * perPage);
    return { status: 200, body: wire.list(resource, shown, { page, perPage, order }) };
  };

  const send = (extension: number, request: ApiRequest): ApiAnswer => {
    const { to, from, text } = options.sendFields;
    const body = jsonOf(request, [to, from, text]);
    const contact = body[to];
    const words = body[text];
    if (typeof contact !== "string" || !/^\+?\d{3,15}$/.test(contact)) throw new Refusal(422, `${to} is not a number`);
    if (typeof words !== "string" || words === "") throw new Refusal(422, `${text} is missing`);
    const own = world.extensions.get(extension)?.dids ?? [];
    const did = body[from] ?? own[0];
    const owner = typeof did === "string" ? world.owner(did) : undefined;
    if (owner?.extension.id !== extension) throw new Refusal(422, `${from} is not a number of this extension`);
    const taken = world.record(extension, { flow: "out", via: "api", did: owner.did, contact, text: words });
    options.onSent(taken);
    if (quirks.sendAnswer === "empty") return { status: 200 };
    return { status: 200, body: quirks.sendAnswer === "id" ? { id: wire.id(taken.id) } : wire.message(taken) };
  };
  const mark = (request: ApiRequest, messages: readonly Stored[]): readonly Stored[] => {
    const { read } = jsonOf(request, ["read"]);
    if (typeof read !== "boolean") throw new Refusal(400, "read must be true or false");
    for (const one of messages) one.read = read;
    options.onChange("message");
    return messages;
  };
  const inChat = ({ id, extension }: Chat) => world.of(extension).filter(({ chatId }) => chatId === id);
  const subscribe = (extension: number, request: ApiRequest): ApiAnswer => {
    const { url, event_type: type, method } = jsonOf(request, ["url", "event_type", "method"]);
    if (typeof url !== "string" || !/^https?:/.test(url) || !URL.canParse(url)) throw new Refusal(400, "url is wrong");
    if (typeof type !== "string" || !eventTypes.includes(type)) throw new Refusal(400, "event_type is wrong");
    if (method !== "GET" && method !== "POST") throw new Refusal(400, "method is wrong");
    if (quirks.refusesStatusEvents && type === "message-out-status") throw new Refusal(400, "event_type is wrong");
    const own = [...world.subscriptions.values()].filter((one) => one.extension === extension);
    if (own.length >= options.eventLimit) throw new Refusal(400, "The limit of events is reached");
    const one = { id: world.nextId(), extension, url, type, method } as const;
    world.subscriptions.set(one.id, one);
    options.onChange("subscription");
    return { status: 201, body: wire.subscription(one) };
  };

  const deleted = (work: () => void, change: Change = "message"): ApiAnswer => {
    work();
    options.onChange(change);
    return { status: 204 };
  };
  const subscriptions = (extension: number) =>
    [...world.subscriptions.values()].filter((one) => one.extension === extension);
  const unsubscribe = (extension: number, id: string): ApiAnswer => {
    if (!subscriptions(extension).some((one) => one.id === id)) throw new Refusal(404, "Event not found");
    return deleted(() => world.subscriptions.delete(id), "subscription");
  };
  const chats = (extension: number) => [...world.chats.values()].filter((one) => one.extension === extension);
  const deleteChat = ({ id }: Chat): ApiAnswer =>
    deleted(() => {
      world.clearChat(id);
      world.chats.delete(id);
    });

  /** Documented paths and nothing else: collections end with a slash, single things do not. `x`: the extension. */
  const resources: readonly Resource[] = [
    ["POST", /^message\/send\/$/, (x, _, request) => send(x, request)],
    ["GET", /^message\/$/, (x, _, request) => messageList(request, world.of(x))],
    ["GET", /^message\/([^/]+)$/, (x, id) => ok(wire.message(message(x, id)))],
    ["PUT", /^message\/([^/]+)$/, (x, id, request) => ok(mark(request, [message(x, id)]).map(wire.message)[0])],
    ["DELETE", /^message\/([^/]+)$/, (x, id) => deleted(() => world.messages.delete(message(x, id).id))],
    [
      "GET",
      /^chat\/$/,
      (x, _, request) =>
        paged(
          request,
          "chat",
          chats(x).map((one) => wire.chat(one, 1)),
        ),
    ],
    ["GET", /^chat\/([^/]+)$/, (x, id) => ok(wire.chat(chat(x, id), 10))],
    ["DELETE", /^chat\/([^/]+)$/, (x, id) => deleteChat(chat(x, id))],
    ["GET", /^chat\/([^/]+)\/messages\/$/, (x, id, request) => messageList(request, inChat(chat(x, id)))],
    [
      "PUT",
      /^chat\/([^/]+)\/messages\/$/,
      (x, id, request) => ok(mark(request, inChat(chat(x, id))).map(wire.message)),
    ],
    ["DELETE", /^chat\/([^/]+)\/messages\/$/, (x, id) => deleted(() => world.clearChat(chat(x, id).id))],
    ["POST", /^event\/$/, (x, _, request) => subscribe(x, request)],
    ["GET", /^event\/$/, (x, _, request) => paged(request, "event", subscriptions(x).map(wire.subscription))],
    ["DELETE", /^event\/([^/]+)$/, (x, id) => unsubscribe(x, id)],
  ];

  return (request) => {
    try {
      const [, extension = "", rest = ""] = /^\/extension\/(\d+)\/(.*)$/.exec(request.path) ?? [];
      if (!world.extensions.has(Number(extension))) throw new Refusal(404, "Extension not found");
      const there = resources.filter(([, path]) => path.test(rest));
      const resource = there.find(([method]) => method === request.method);
      if (resource === undefined) throw new Refusal(there.length === 0 ? 404 : 405, "No such resource");
      return resource[2](Number(extension), decodeURIComponent(resource[1].exec(rest)?.[1] ?? ""), request);
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      throw error;
    }
  };
}

function ok(body: unknown): ApiAnswer {
  return { status: 200, body };
}
