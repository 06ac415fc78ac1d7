/**
 * What several keys of the config must fulfil together. Works on the values as they were written, so that these
 * problems show at once with all others, whatever else is wrong.
 */
import { partyOf } from "../pbx/numbers.js";
import type { PlatformConfig } from "./platform.js";
import type { Path, Problem } from "./source.js";

export function crossCheck(config: unknown, platforms: readonly PlatformConfig[]): readonly Problem[] {
  const names = platforms.map(({ name }) => name);
  return [
    ...anyPlatform(config, names),
    ...publicUrl(config, platforms),
    ...platforms.flatMap((platform) => sectionCheck(config, platform)),
    ...lines(config, platforms),
    ...retention(config),
  ];
}

function anyPlatform(config: unknown, names: readonly string[]): readonly Problem[] {
  if (names.some((name) => has(config, [name]))) return [];
  const choice = names.length === 2 ? "the two" : "them";
  return [{ path: [], what: `neither ${names.join(" nor ")} is there. Fill in at least one of ${choice}` }];
}

/** Whoever calls us must know where we are. */
function publicUrl(config: unknown, platforms: readonly PlatformConfig[]): readonly Problem[] {
  if (has(config, ["server", "publicUrl"])) return [];
  const register = at(config, ["pbx", "events", "register"]) === "false" ? undefined : "pbx.events.register is true";
  const calling = platforms.map(({ name, needsAddress }) => {
    const section = at(config, [name]);
    return isMap(section) ? needsAddress?.(section) : undefined;
  });
  const reasons = [register, ...calling].filter((reason) => reason !== undefined);
  if (reasons.length === 0) return [];
  const what = `is missing, and needed since ${reasons.join(" and ")}. Write the address under which this server is reached from outside, such as https://sms.example.com`;
  return [{ path: ["server", "publicUrl"], what }];
}

function sectionCheck(config: unknown, { name, check }: PlatformConfig): readonly Problem[] {
  const section = at(config, [name]);
  return isMap(section) ? (check?.(section) ?? []).map((what) => ({ path: [name], what })) : [];
}

function lines(config: unknown, platforms: readonly PlatformConfig[]): readonly Problem[] {
  const all = at(config, ["lines"]);
  if (!Array.isArray(all)) return [];
  return all.flatMap((line: unknown, index) => [
    ...overlap(all.slice(0, index), line, ["lines", index]),
    ...otherwiseRead(at(line, ["did"]), ["lines", index, "did"]),
    ...places(config, platforms, line, ["lines", index]),
  ]);
}

/** A number that belongs to two lines would have its texts go to either. An exact number wins over a line without one. */
function overlap(earlier: readonly unknown[], line: unknown, path: Path): readonly Problem[] {
  const twin = earlier.findIndex((other) => sameNumbers(other, line));
  if (twin === -1) return [];
  const shared =
    at(line, ["did"]) === undefined
      ? `is the second line without a did on this extension, after lines[${twin}]. Give one of them a did`
      : `has the same extension and did as lines[${twin}]. Make them one line; it may have several places under to`;
  return [{ path, what: shared }];
}

/** Events and lists are read so: a number that is written otherwise would never be that of a text. */
function otherwiseRead(did: unknown, path: Path): readonly Problem[] {
  if (typeof did !== "string" || !/^\+\d+$/.test(did)) return [];
  const { number } = partyOf(did, "");
  return number === did
    ? []
    : [{ path, what: `is the number ${number}. Write it so, as texts to it are known by that` }];
}

function sameNumbers(one: unknown, other: unknown): boolean {
  const extension = at(one, ["extension"]);
  return extension !== undefined && extension === at(other, ["extension"]) && at(one, ["did"]) === at(other, ["did"]);
}

function places(config: unknown, platforms: readonly PlatformConfig[], line: unknown, path: Path): readonly Problem[] {
  const to = at(line, ["to"]);
  if (!Array.isArray(to)) return [];
  const seen = new Set<string>();
  return to.flatMap((place: unknown, index) =>
    platforms.flatMap((platform): Problem[] => {
      const chat = at(place, [platform.name]);
      if (typeof chat !== "string") return [];
      const here = [...path, "to", index, platform.name];
      const id = `${platform.name} ${chat}`;
      const again = seen.has(id);
      seen.add(id);
      const wrong = [
        again ? "is the same place twice in one line. Take one of them out" : undefined,
        chatProblem(config, platform, chat),
      ];
      return wrong.flatMap((what) => (what === undefined ? [] : [{ path: here, what }]));
    }),
  );
}

function chatProblem(config: unknown, { name, checkChat }: PlatformConfig, chat: string): string | undefined {
  const section = at(config, [name]);
  if (section === undefined)
    return `goes to ${name}, which is not configured. Add a ${name} section, or take this place out`;
  return isMap(section) ? checkChat?.(chat, section) : undefined;
}

/** What leans on something else must not outlive it: a text that is retried needs its entry, and that its conversation. */
function retention(config: unknown): readonly Problem[] {
  // What is no number is told elsewhere, and asks for nothing here.
  const number = (path: Path, usual: number): number | undefined => {
    const value = Number(at(config, path) ?? usual);
    return Number.isNaN(value) ? undefined : value;
  };
  const days = (key: string, usual: number): number | undefined => number(["retention", key], usual);
  const [aside, ledger, links] = [days("asideDays", 30), days("ledgerDays", 60), days("linkDays", 180)];
  const lookBackHours = number(["pbx", "catchUp", "lookBackHours"], 24);
  const leastLedger = Math.max(3, aside ?? 0, (lookBackHours ?? 0) / 24 + 1);
  // Both are told at once: by what ledgerDays has to be, where it is less.
  const leastLinks = Math.max(leastLedger, ledger ?? 0);
  const why = "three days, retention.asideDays, and a day more than pbx.catchUp.lookBackHours";
  return [
    ...tooFew("ledgerDays", ledger, leastLedger, why),
    ...tooFew("linkDays", links, leastLinks, `retention.ledgerDays${leastLinks === ledger ? "" : " has to be"}`),
  ];
}

function tooFew(key: string, days: number | undefined, least: number, why: string): readonly Problem[] {
  if (days === undefined || days >= least) return [];
  return [{ path: ["retention", key], what: `is less than ${why}. Write at least ${Math.ceil(least)}` }];
}

function has(value: unknown, path: Path): boolean {
  return at(value, path) !== undefined;
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner) && typeof key === "number") return inner[key];
    return isMap(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  }, value);
}

function isMap(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
