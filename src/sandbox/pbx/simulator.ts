/** A cloud PBX to try things out on and to test against: a real HTTP server, strict, and able to misbehave when told. */
import { createApi } from "./api.js";
import { createOauth } from "./oauth.js";
import { createPush } from "./push.js";
import { createPbxServer } from "./server.js";
import type { Change, PbxSimulator, PbxSimulatorOptions, Quirks, Settling, SimulatedMessage } from "./types.js";
import { createWire, type EventType } from "./wire.js";
import { createWorld, type Stored } from "./world.js";

const noQuirks: Quirks = {
  ignoresFilters: false,
  ignoresOrder: false,
  ignoresPaging: false,
  bareLists: false,
  maxPerPage: 200,
  idsAsNumbers: false,
  numbersWithoutPlus: false,
  commaTimes: false,
  clockOffsetMs: 0,
  listsLateMs: 0,
  sendAnswer: "message",
  refusesStatusEvents: false,
  statusComesWithOut: false,
  eventsWithoutType: false,
  losesEvents: false,
};

export async function createPbxSimulator(options: PbxSimulatorOptions = {}): Promise<PbxSimulator> {
  const now = options.now ?? Date.now;
  const quirks: Quirks = { ...noQuirks, ...options.quirks };
  const credentials = {
    clientId: options.clientId ?? "sandbox",
    clientSecret: options.clientSecret ?? "sandbox-secret",
  };
  const listeners = new Set<(change: Change) => void>();
  const changed = (change: Change) => listeners.forEach((listener) => listener(change));
  let settling: Settling | "by hand" = options.settling ?? { status: "sent", afterMs: 0 };

  const world = createWorld(now);
  const wire = createWire(quirks, world, "pbx.example.com");
  const push = createPush({
    retries: options.eventRetries ?? { times: 0, waitMs: 0 },
    now,
    onChange: () => changed("event"),
  });

  /** The fields are those of the moment, however long the event waits for its turn. */
  const tell = (type: EventType, message: Stored, copies = 1): void => {
    const extension = world.extensions.get(message.extension);
    if (extension === undefined || quirks.losesEvents) return;
    const fields = wire.event(type, extension, message);
    const wanted = (subscribed: string) =>
      subscribed === type ||
      (quirks.statusComesWithOut && type === "message-out-status" && subscribed === "message-out");
    push.later(`${message.extension} ${message.did} ${message.contact}`, async () => {
      const subscribers = [...world.subscriptions.values()].filter(
        (one) => one.extension === message.extension && wanted(one.type),
      );
      for (let copy = 0; copy < copies; copy++) {
        await Promise.all(subscribers.map((subscriber) => push.one(subscriber, type, fields)));
      }
    });
  };
  const settle = (message: Stored, status: "sent" | "failed"): void => {
    message.status = status;
    changed("message");
    tell("message-out-status", message);
  };
  const wentOut = (message: Stored, isSilent = false): void => {
    changed("message");
    if (!isSilent) tell("message-out", message);
    if (settling === "by hand") return;
    const { status, afterMs } = settling;
    push.after(afterMs, () => settle(message, status));
  };
  const ownerOf = (did: string) => {
    const owner = world.owner(did);
    if (owner === undefined) throw new Error(`No extension of the simulator has the number ${did}: add one first.`);
    return owner;
  };

  const oauth = createOauth({
    ...credentials,
    username: options.username ?? "user",
    password: options.password ?? "password",
    tokenSeconds: options.tokenSeconds ?? 3600,
    now,
  });
  const api = createApi(world, wire, {
    eventLimit: options.eventLimit ?? 10,
    sendFields: options.sendFields ?? { to: "dst_num", from: "src_num", text: "text" },
    quirks,
    now,
    onSent: wentOut,
    onChange: changed,
  });
  const server = await createPbxServer({
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 0,
    now,
    oauth,
    api,
    onCall: () => changed("call"),
  });

  return {
    url: server.url,
    credentials,
    quirks,
    addExtension: (extension) => void world.extensions.set(extension.id, extension),
    textFrom(contact, did, text, { at, silent = false, copies = 1 } = {}) {
      const owner = ownerOf(did);
      const what = {
        flow: "in",
        via: "contact",
        did: owner.did,
        contact,
        text,
        ...(at === undefined ? {} : { at }),
      } as const;
      const message = world.record(owner.extension.id, what);
      changed("message");
      if (!silent) tell("message-in", message, copies);
      return shown(message);
    },
    deskPhoneSends(did, to, text, { at, silent = false } = {}) {
      const owner = ownerOf(did);
      const what = {
        flow: "out",
        via: "phone",
        did: owner.did,
        contact: to,
        text,
        ...(at === undefined ? {} : { at }),
      } as const;
      const message = world.record(owner.extension.id, what);
      wentOut(message, silent);
      return shown(message);
    },
    settle(id, status) {
      const message = world.messages.get(id);
      if (message?.flow !== "out") throw new Error(`The simulator has no text to a contact with the id ${id}.`);
      settle(message, status);
    },
    setSettling: (next) => void (settling = next),
    setQuirks: (some) => void Object.assign(quirks, some),
    messages: () =>
      [...world.messages.values()].toSorted((a, b) => a.at - b.at || Number(a.id) - Number(b.id)).map(shown),
    sentTexts: () => world.sent.map(shown),
    subscriptions: () => [...world.subscriptions.values()],
    calls: server.calls,
    events: push.log,
    idle: push.idle,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    fail: server.fail,
    latency: server.latency,
    down: server.down,
    expireTokens: oauth.expireAll,
    revokeClient: oauth.revoke,
    limitConcurrency: server.limitConcurrency,
    async close() {
      await server.close();
      await push.close();
    },
  };
}

function shown({ knownAt: _knownAt, ...message }: Stored): SimulatedMessage {
  return message;
}
