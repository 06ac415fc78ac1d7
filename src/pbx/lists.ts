/** Reading a list whole, from a server that may page, cap, order and filter as it likes. */
import { RetryLater } from "../errors.js";
import { isRecord } from "./codec.js";
import type { ListOptions, PbxMessage } from "./types.js";

/** What is asked for; a server may give fewer at a time. */
export const perPage = 100;
/** So many at once are seldom all there is. */
const LEAST_LARGE = 50;
/** Against a server whose pages never end; 5,000 entries. */
const maxPages = 50;

/** The PBX answered as it should, and has more than can be read. */
export class ListTooLong extends RetryLater {}

/** One answer of the server. `page` and `perPage` where it told; `rows` counts also what could not be read. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly rows: number;
  /** Where nothing of it could be read: what it is, to tell it from another page. */
  readonly opaque?: string;
  readonly page?: number;
  readonly perPage?: number;
}

/**
 * The entries of a list answer; undefined when the answer is no list.
 * Assumed: a bare array, or an object with the page's data and one array under the resource's name, singular or plural.
 */
export function pageOf<Item>(
  body: unknown,
  resource: string,
  read: (row: unknown) => Item | undefined,
): Page<Item> | undefined {
  const rows = rowsOf(body, resource);
  if (rows === undefined) return undefined;
  const told = isRecord(body) ? { page: whole(body["page"]), perPage: whole(body["per_page"]) } : {};
  const items = rows.flatMap((row) => read(row) ?? []);
  return {
    ...{ items, rows: rows.length },
    ...(items.length === 0 ? { opaque: JSON.stringify(rows) } : {}),
    ...(told.page === undefined ? {} : { page: told.page }),
    ...(told.perPage === undefined ? {} : { perPage: told.perPage }),
  };
}

/**
 * Yields what each page brings anew, until a short page, a page that brings nothing new, or the cap; returns whether all was read.
 * Assumed: pages count from what the first answer says, else from 1; so the first is asked for without a number.
 */
export async function* pages<Item extends { readonly id: string }>(
  load: (page: number | undefined) => Promise<Page<Item>>,
): AsyncGenerator<readonly Item[], boolean, undefined> {
  const seen = new Set<string>();
  const seenOpaque = new Set<string>();
  let number: number | undefined;
  for (let turn = 0; turn < maxPages; turn++) {
    const page = await load(number);
    const fresh = page.items.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    yield fresh;
    const bringsNothing = fresh.length === 0 && (page.opaque === undefined || seenOpaque.has(page.opaque));
    if (page.rows === 0 || bringsNothing || isShort(page)) return true;
    if (page.opaque !== undefined) seenOpaque.add(page.opaque);
    number = (number ?? page.page ?? 1) + 1;
  }
  return false;
}

/** `complete` is false when the page cap ended the reading: then the far end of the list is missing. */
export interface Listed {
  readonly messages: readonly PbxMessage[];
  readonly complete: boolean;
}

/**
 * Messages by `options`, whatever of them the server honoured. A list that starts at some time is read from its newest end, so
 * that the pages end at that time also where the server gives the whole history. An entry without a readable time passes the
 * time filters: better one to look at than one missed.
 */
export async function listMessages(
  options: ListOptions,
  load: (order: "asc" | "desc", page: number | undefined) => Promise<Page<PbxMessage>>,
): Promise<Listed> {
  const wanted = options.order ?? "oldest-first";
  const asked = wanted === "newest-first" || options.since !== undefined ? "desc" : "asc";
  const enough = (asked === "desc") === (wanted === "newest-first") ? options.limit : undefined;
  const found: PbxMessage[] = [];
  const walk = pages((page) => load(asked, page));
  for (;;) {
    const step = await walk.next();
    if (step.done === true) return { messages: arranged(found, options, asked), complete: step.value };
    found.push(...step.value);
    if (!isOrdered(found, asked)) continue;
    const last = found.at(-1)?.at;
    const passed = asked === "desc" && options.since !== undefined && last !== undefined && last < options.since;
    const matching = enough === undefined ? [] : found.filter((message) => matches(message, options));
    if (passed || (enough !== undefined && matching.length >= enough)) {
      return { messages: arranged(found, options, asked), complete: true };
    }
  }
}

function matches({ at, direction }: PbxMessage, options: ListOptions): boolean {
  if (options.direction !== undefined && direction !== options.direction) return false;
  if (at === undefined) return true;
  return at >= (options.since ?? -Infinity) && at <= (options.until ?? Infinity);
}

/** Messages of one second keep the order in which the server gave them, seen from its oldest end. */
function arranged(found: readonly PbxMessage[], options: ListOptions, asked: "asc" | "desc"): readonly PbxMessage[] {
  const given = isOrdered(found, asked) ? asked : asked === "asc" ? "desc" : "asc";
  const oldestFirst = given === "asc" ? [...found] : found.toReversed();
  const time = new Map<string, number>();
  let previous = -Infinity;
  for (const { id, at } of oldestFirst) time.set(id, (previous = at ?? previous));
  const sorted = oldestFirst.toSorted((a, b) => compare(time.get(a.id), time.get(b.id)));
  const kept = sorted.filter((message) => matches(message, options));
  return (options.order === "newest-first" ? kept.toReversed() : kept).slice(0, options.limit);
}

/** Not a subtraction: of two entries before any known time it would make NaN. */
function compare(a = 0, b = 0): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isOrdered(messages: readonly PbxMessage[], order: "asc" | "desc"): boolean {
  const times = messages.flatMap(({ at }) => at ?? []);
  return times.every((at, i) => i === 0 || (order === "asc" ? at >= (times[i - 1] ?? at) : at <= (times[i - 1] ?? at)));
}

/**
 * Assumed: a server may cap its pages below what we ask and not say so. Such caps are round numbers, for people or for machines, or
 * large: such a page is not taken for the last one. That costs one more call now and then, while the other mistake would lose messages.
 */
function isShort({ rows, perPage: told }: Page<unknown>): boolean {
  const mayBeCap = rows >= LEAST_LARGE || rows % 5 === 0 || rows % 8 === 0;
  return rows < Math.min(told ?? perPage, perPage) && !mayBeCap;
}

function rowsOf(body: unknown, resource: string): readonly unknown[] | undefined {
  if (Array.isArray(body)) return body;
  if (!isRecord(body)) return undefined;
  const named = body[resource] ?? body[`${resource}s`];
  if (Array.isArray(named)) return named;
  const arrays = Object.values(body).filter((value) => Array.isArray(value));
  if (arrays.length === 1) return arrays[0];
  // An empty list may come as null.
  return arrays.length === 0 && (body[resource] === null || body[`${resource}s`] === null) ? [] : undefined;
}

function whole(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}
