/** The composition root: builds the parts from a config, starts and stops them. */
import { randomBytes } from "node:crypto";
import fetch from "node-fetch";
import { createAdapters } from "../adapters/index.js";
import type { ChatAdapter, ReceivesWebhooks } from "./adapter.js";
import { createAway, type Away } from "./away.js";
import { createDeciding } from "./away/deciding.js";
import { threadsIn, waitingPosts } from "./away/threads.js";
import { createCatchUp, type CatchUp } from "./catch-up.js";
import { realClock } from "./clock.js";
import type { Config } from "./config.js";
import { createConnections, type Connections } from "./connect.js";
import { createDoers } from "./deliver/index.js";
import { joinPosts } from "./deliver/post.js";
import { GiveUp, NotConnected, Stopping } from "./errors.js";
import { faultPoint } from "./fault-point.js";
import { createServer, type Server } from "./http/server.js";
import type { Conversation, Place } from "./message.js";
import type { PartHealth } from "./http/status.js";
import { createIntake } from "./intake.js";
import { createLimits, type Limits } from "./limits.js";
import { lineFor, ownNumber } from "./lines.js";
import type { Logger } from "./log.js";
import { sparing } from "./log/sparing.js";
import { createMessageIds, cutFrom } from "./message-id.js";
import { createMetrics } from "./metrics.js";
import { metricSources, observeEvents, observeRecovered, observeWork } from "./observe.js";
import { createPbxClient } from "./pbx/client.js";
import { parseEvent, parseEventBody } from "./pbx/events.js";
import { createPartyReader } from "./pbx/numbers.js";
import { watchPbx } from "./pbx/health.js";
import { createSubscriber, type Subscriber } from "./pbx/subscriber.js";
import type { PbxClient } from "./pbx/types.js";
import { chatsOf, listPace, paceOf, pbxPace, targetsOf } from "./paces.js";
import { linksPart, pbxPart, platformPart, storeHealth } from "./parts.js";
import { createWorker } from "./queue/worker.js";
import { openStorage, type Storage } from "./storage.js";
import { createSweeper } from "./sweeper.js";
import { createShowTime } from "./times.js";

export interface Bridge {
  /** Resolves once events are taken. The parts outside are connected after that, each for as long as it takes. */
  start(): Promise<{ readonly port: number }>;
  /** Takes nothing new, finishes or leaves in the queue what is under way; resolves within 10 s. */
  stop(): Promise<void>;
  health(): Promise<readonly PartHealth[]>;
  /** Resolves to true once every part outside has connected, to false when stopped before. */
  readonly connected: Promise<boolean>;
}

const GRACE_MS = 8000;

/**
 * Rejects with `StoreUnavailable` or `ConfigError` when the storage cannot be used. `adaptersOf`: the config's platforms, unless
 * others are given.
 */
export async function createBridge(config: Config, log: Logger, adaptersOf = createAdapters): Promise<Bridge> {
  const clock = realClock;
  const logger = sparing(log, clock.monotonic);
  const secret = (): string => randomBytes(24).toString("base64url");
  const newMessageId = createMessageIds(clock.now, cutFrom(randomBytes));
  const storage = await openStorage(config, { logger, now: clock.now, secret });
  const { store, links } = storage;
  const limits = createLimits(clock);
  const anotherCall = (): Promise<void> => roomForAnotherCall(limits, config);
  const watched = watchPbx(createPbx(config, logger, anotherCall));
  const pbx = watched.client;
  const adapters = await adaptersOf(config, { logger, now: clock.now, memory: storage.memory });
  const byPlatform = new Map(adapters.map((adapter) => [adapter.platform, adapter]));
  const chats = chatsOf(byPlatform);
  const metrics = createMetrics(metricSources(store));
  const lineOf = (extension: number, did: string | undefined) => lineFor(config.lines, extension, did);

  const placesOf = ({ extension, did }: Conversation) => lineOf(extension, did?.number)?.to ?? [];
  const taking = {
    ...{ store, chats, now: clock.now, newMessageId, lineFor: lineOf },
    ownNumber: (extension: number) => ownNumber(config.lines, extension),
  };
  const { everySeconds, lookBackHours, listsWithinSeconds } = config.pbx.catchUp;
  const extensions = config.lines.map(({ extension }) => extension);
  const { publicUrl } = config.server;
  const subscriber =
    config.pbx.events.register && publicUrl !== undefined
      ? createSubscriber(extensions, `${publicUrl}/pbx/events/${config.pbx.events.secret}`, {
          ...{ client: pbx, clock, logger, anotherCall },
          wereMissing: (extension) => catchUp.suspect(extension),
        })
      : undefined;
  const catchUp = createCatchUp(
    {
      extensions,
      everyMs: everySeconds * 1000,
      lookBackMs: lookBackHours * 3_600_000,
      knownForMs: config.retention.ledgerDays * 24 * 3_600_000,
    },
    {
      ...{ ...taking, pbx, clock, limits, logger, placesOf },
      pace: (extension) => listPace(`catch-up:${extension}`, config.pbx.limits),
      showTime: createShowTime(config.inbox.timeZone, clock.now),
      recovered: observeRecovered(metrics, logger, (extension) => subscriber?.suspect(extension)),
    },
  );
  const intake = createIntake({ ...taking, observe: observeEvents(metrics, logger), suspect: catchUp.suspect });
  const pbxTarget = (extension: number) => pbxPace(extension, config.pbx.limits).target;
  const away = createAway({
    ...{ clock, logger, memory: storage.memory("away"), conversationsSince: store.conversationsSince },
    keysKeptMs: config.retention.seenDays * 24 * 3_600_000,
    isKnown: (platform, key) => store.wasTaken(`${platform} ${key}`),
    threadsOf: threadsIn({ links, conversation: store.conversation, placesOf }),
    waitingIn: waitingPosts({ links, store, target: pbxTarget }),
    isDeciding: createDeciding(store.queue),
    isOurs: async ({ place, thread }) => (await links.conversationOf(place.platform, thread)) !== undefined,
    found: (platform, count) => metrics.missed.inc({ platform }, count),
  });
  const mended = (place: Place): void => worker.mended(targetsOf(place, chats));
  const parts = [
    pbxPart(watched, subscriber, catchUp.start),
    ...linksPart(storage),
    ...adapters.map((adapter) => platformPart(adapter, { ...intake.inbox(adapter.platform), mended }, away)),
  ];
  const connections = createConnections(parts, { clock, logger, recovered: (name) => worker.hasten(name) });

  const doers = createDoers({
    ...{ store, links, pbx, chats, clock, logger, newMessageId, lineFor: lineOf, placesOf, anotherCall },
    rules: { ...config.inbox, maxTextLength: config.pbx.send.maxLength },
    keepTextMs: config.inbox.keepTextHours * 3_600_000,
    listsWithinMs: listsWithinSeconds * 1000,
    adapter: (platform) => connectedAdapter(byPlatform, connections, platform),
    pbxTarget,
    order: away.order,
    threadFound: away.threadFound,
    mayHaveChanged: away.mayHaveChanged,
  });
  const worker = createWorker({
    ...{ store, clock, logger, limits, random: Math.random, doerOf: doers },
    join: (waiting) => joinPosts(waiting, ({ place }) => chats.textLimit(place)),
    paceOf: (delivery) => paceOf(delivery, chats, config.pbx.limits, store.conversation),
    ...observeWork(metrics, clock.now),
  });

  const health = async (): Promise<readonly PartHealth[]> => [await storeHealth(store.probe), ...connections.health()];
  const partyReader = createPartyReader();
  const server = createServer(
    { ...config.server, secret: config.pbx.events.secret, allowFrom: config.pbx.events.allowFrom },
    {
      parse: (contentType, wire) => parseEvent(parseEventBody(contentType, wire), config.inbox.country, partyReader),
      accept: intake.pbx,
      count: (kind) => metrics.events.inc({ kind }),
      refused: (why) => metrics.refused.inc({ why }),
      webhooks: adapters.flatMap((adapter) => (hasWebhooks(adapter) ? adapter.webhooks : [])),
      health,
      metrics: metrics.render,
      now: clock.now,
      log: logger,
    },
  );
  return running({ server, connections, catchUp, subscriber, worker, away, adapters, storage, logger, health });
}

interface Running {
  readonly server: Server;
  readonly connections: Connections;
  readonly catchUp: CatchUp;
  readonly subscriber: Subscriber | undefined;
  readonly worker: ReturnType<typeof createWorker>;
  readonly away: Away;
  readonly adapters: readonly ChatAdapter[];
  readonly storage: Storage;
  readonly logger: Logger;
  readonly health: Bridge["health"];
}

function running({
  server,
  connections,
  catchUp,
  subscriber,
  worker,
  away,
  adapters,
  storage,
  logger,
  health,
}: Running): Bridge {
  const sweeper = createSweeper({ store: storage.store, clock: realClock, logger });
  return {
    async start() {
      const { port } = await server.listen();
      faultPoint("start");
      sweeper.start();
      await worker.start();
      connections.start();
      void connections.all.then((connected) => connected && logger.info({ port }, "ready"));
      return { port };
    },
    async stop() {
      connections.stop();
      catchUp.stop();
      subscriber?.stop();
      const parts = [
        sweeper.stop(),
        server.close(),
        worker.stop(GRACE_MS),
        away.stop(),
        ...adapters.map((adapter) => adapter.stop()),
      ];
      const deadline = new AbortController();
      await Promise.race([Promise.all(parts), realClock.sleep(GRACE_MS + 500, deadline.signal)]);
      deadline.abort();
      faultPoint("stop");
      await storage.close();
    },
    health,
    connected: connections.all,
  };
}

/** The pages of a list count into the PBX's rate as every call. */
async function roomForAnotherCall(limits: Limits, { pbx }: Config): Promise<void> {
  if (!(await limits.another(listPace("pbx-pages", pbx.limits)))) throw new Stopping();
}

/** The client that the config describes. */
export function createPbx({ pbx, inbox }: Config, logger: Logger, anotherCall?: () => Promise<void>): PbxClient {
  const { url, clientId, clientSecret, timeoutSeconds, send } = pbx;
  const options = { url, clientId, clientSecret, send, country: inbox.country, timeoutMs: timeoutSeconds * 1000 };
  const { now, sleep } = realClock;
  const deps = { fetch, now, sleep, random: Math.random, logger };
  return createPbxClient(options, anotherCall === undefined ? deps : { ...deps, anotherCall });
}

/** Until a platform is connected its deliveries wait. */
function connectedAdapter(
  adapters: ReadonlyMap<string, ChatAdapter>,
  connections: Connections,
  platform: string,
): ChatAdapter {
  const adapter = adapters.get(platform);
  if (adapter === undefined)
    throw new GiveUp(
      `The config has no ${platform} section any more. Add it again and retry, or discard this delivery.`,
    );
  if (connections.isConnected(platform)) return adapter;
  throw new NotConnected(platform);
}

function hasWebhooks(adapter: ChatAdapter): adapter is ChatAdapter & ReceivesWebhooks {
  return "webhooks" in adapter && adapter.webhooks !== undefined;
}
