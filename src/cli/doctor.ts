/**
 * `doctor`: looks at everything the config names, says what is missing and how to mend it. Changes nothing; what it writes into another
 * store of the links ends by itself.
 */
import { randomBytes } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { access } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { createAdapters, platforms } from "../../adapters/index.js";
import type { ChatAdapter, ChecksSetup, Finding } from "../adapter.js";
import { doubtsAbout } from "../config/doubts.js";
import { leftOvers } from "../config/examples.js";
import { createPbx } from "../compose.js";
import type { Config } from "../config.js";
import { hostOf } from "../links/health.js";
import { createLogger } from "../log.js";
import { wantedEvents } from "../pbx/subscriptions.js";
import type { PbxClient } from "../pbx/types.js";
import type { Aside } from "../queue/port.js";
import { fileOf, openElsewhere, openStorage, type Storage, type StorageDeps } from "../storage.js";
import { configOrExit } from "./start.js";

/** `doubtful`: it works, but should be looked at. */
type Told = Finding & { readonly doubtful?: boolean };

/** Exit codes: 0 when all is well, 1 when anything is not, 2 when the config is wrong. */
export async function doctor(file: string): Promise<void> {
  const config = await configOrExit(file);
  if (config === undefined) return;
  const asked = configFindings(config, file);
  for (const each of asked) print(each);
  const findings = [...asked, ...(await examine(config, print))];
  const bad = findings.filter(({ ok }) => !ok).length;
  const well = findings.some(({ doubtful }) => doubtful)
    ? "Nothing fails. Look at what has a ! in front."
    : "All is well.";
  process.stdout.write(bad === 0 ? `\n${well}\n` : `\n${bad} thing(s) to mend.\n`);
  process.exitCode = bad === 0 ? 0 : 1;
}

/** Every finding, also told one by one as it comes. */
export async function examine(config: Config, tell: (finding: Told) => void): Promise<readonly Told[]> {
  const findings: Told[] = [];
  const note = (found: readonly Finding[]): void => {
    const told = found.map((each) => ({ ...each, detail: withoutPromise(each.detail) }));
    for (const each of told) tell(each);
    findings.push(...told);
  };
  const logger = createLogger({ level: "error", pretty: false }, { write: () => {} });
  const secret = (): string => randomBytes(24).toString("base64url");
  const now = (): number => Date.now();
  const deps = { logger, now, secret };
  const isNew = !existsSync(fileOf(config.storage));
  const storage = isNew ? undefined : await openStorage(config, deps).catch((error: unknown) => wordsOf(error));
  if (storage === undefined) note([await newStoreFinding(config)]);
  else if (typeof storage === "string") note([{ ok: false, what: "Store", detail: storage }]);
  else note(await storeFindings(storage, config));
  const links = await linksFindings(config, deps);
  note(links);
  note(await pbxFindings(createPbx(config, logger), config, isNew));
  const forgetful = { get: async () => undefined, set: async () => {} };
  const remembers = typeof storage === "object" && links.every(({ ok }) => ok);
  const memory = remembers ? storage.memory : () => forgetful;
  for (const adapter of await createAdapters(config, { logger, now, memory }))
    note(await platformFindings(adapter, config));
  if (typeof storage === "object") await storage.close();
  return findings;
}

/** What a bridge at work tries again by itself, this command does not. */
export function withoutPromise(detail: string): string {
  const remedy = /could not be reached/.test(detail)
    ? "Check this machine's network, DNS, firewall and proxy, then run doctor again."
    : "Run doctor again in a while.";
  return detail.replace(/; it is tried again\.$/, `. ${remedy}`);
}

function configFindings(config: Config, file: string): readonly Told[] {
  const examples = leftOvers(
    config,
    platforms.map((platform) => platform.config),
  );
  if (examples.length > 0) return examples.map(({ key, what }) => ({ ok: false, what: `Config ${key}`, detail: what }));
  const complete = { ok: true, what: "Config", detail: `${file} is complete: ${config.lines.length} line(s)` };
  const doubts = doubtsAbout(config).map(({ key, what }) => ({
    ok: true,
    doubtful: true,
    what: `Config ${key}`,
    detail: what,
  }));
  return [complete, ...doubts];
}

/** Before the first start there is none, and none is made: this command changes nothing. */
function newStoreFinding({ storage }: Config): Promise<Finding> {
  const look = (): Promise<void> => access(existing(dirname(resolve(fileOf(storage)))), constants.W_OK);
  const file = fileOf(storage);
  const relative = resolve(file) === file ? "" : ", if it runs in this folder, too";
  return finding("Store", look, `${resolve(file)} is not there yet: the first start makes it${relative}`);
}

function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}

async function storeFindings({ store }: Storage, { storage }: Config): Promise<Finding[]> {
  const written = await finding("Store", () => store.probe(), `${storage} can be written`);
  return [written, ...queueFindings(store.queue.aside(store.queue.counts().aside))];
}

/** What waits for somebody's answer is the usual work of a team; what gave up is not. */
export function queueFindings(aside: readonly Pick<Aside, "state" | "work">[]): Finding[] {
  const gaveUp = aside.filter(({ state }) => state === "set-aside");
  const unmatched = gaveUp.filter(({ work }) => work.kind === "unmatched").length;
  const numbers = unmatched === 0 ? "" : `, ${unmatched} of them texts for numbers that no line lists`;
  const held = aside.length - gaveUp.length;
  return [
    gaveUp.length === 0
      ? { ok: true, what: "Queue", detail: "nothing has been set aside" }
      : { ok: false, what: "Queue", detail: `${gaveUp.length} set aside${numbers}. See: queue list` },
    ...(held === 0
      ? []
      : [
          { ok: true, what: "Questions", detail: `${held} held until somebody answers in the thread. See: queue list` },
        ]),
  ];
}

/** In the bridge's own file they are as well as the store. */
async function linksFindings({ links: url }: Config, deps: StorageDeps): Promise<Finding[]> {
  if (url === undefined) return [];
  const look = async (): Promise<void> => {
    const { health, close } = await openElsewhere(url, deps);
    try {
      await health.probe();
    } finally {
      await close().catch(() => {});
    }
  };
  return [await finding("Links", look, `${hostOf(url)} takes and gives values`)];
}

async function pbxFindings(pbx: PbxClient, config: Config, isNew: boolean): Promise<Finding[]> {
  const token = await finding("PBX token", () => pbx.authorize(), `${config.pbx.url} accepts the credentials`);
  if (!token.ok) return [token];
  const extensions = [...new Set(config.lines.map(({ extension }) => extension))];
  const subscriptions = extensions.map((extension) => subscriptionFinding(pbx, extension, config, isNew));
  return [token, ...(await Promise.all(subscriptions))];
}

async function subscriptionFinding(
  pbx: PbxClient,
  extension: number,
  config: Config,
  isNew: boolean,
): Promise<Finding> {
  const what = `PBX events of extension ${extension}`;
  const url = `${config.server.publicUrl ?? ""}/pbx/events/${config.pbx.events.secret}`;
  try {
    const listed = await pbx.events.list(extension);
    const types = new Set(listed.filter((one) => one.url === url).map(({ type }) => type));
    const missing = wantedEvents.filter((type) => !types.has(type) && type !== "message-out-status");
    if (missing.length === 0) return { ok: true, what, detail: [...types].join(", ") };
    if (isNew && config.pbx.events.register) return { ok: true, what, detail: "the first start subscribes to them" };
    const remedy = config.pbx.events.register
      ? "They are created when the bridge starts."
      : "Set pbx.events.register to true, or create them by hand: pbx events add.";
    return { ok: false, what, detail: `no subscription for ${missing.join(", ")} points at this server. ${remedy}` };
  } catch (error) {
    return { ok: false, what, detail: wordsOf(error) };
  }
}

async function platformFindings(adapter: ChatAdapter, { lines }: Config): Promise<readonly Finding[]> {
  if (!("check" in adapter)) return [];
  const places = lines.flatMap(({ to }) => to.filter(({ platform }) => platform === adapter.platform));
  const unique = [...new Map(places.map((place) => [place.chat, place])).values()];
  try {
    return await (adapter as ChatAdapter & ChecksSetup).check(unique);
  } catch (error) {
    return [{ ok: false, what: adapter.platform, detail: wordsOf(error) }];
  }
}

async function finding(what: string, look: () => Promise<void>, detail: string): Promise<Finding> {
  try {
    await look();
    return { ok: true, what, detail };
  } catch (error) {
    return { ok: false, what, detail: wordsOf(error) };
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function print({ ok, doubtful, what, detail }: Told): void {
  const sign = doubtful === true ? "!" : ok ? "✓" : "✗";
  process.stdout.write(`${sign} ${what}: ${detail}\n`);
}
