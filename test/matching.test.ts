import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestOf, type Entry } from "../src/ledger.js";
import { APART_MS, listedText, match, unexplained, type Listed } from "../src/matching.js";
import type { PbxMessage } from "../src/pbx/types.js";
import { ANNA, conversationWith, SALES } from "./fixtures/conversations.js";

const { id: conversation } = conversationWith(ANNA);
const NOW = 1_800_000_000_000;
let made = 0;

function listed(text: string, more: Partial<PbxMessage> = {}): Listed {
  made += 1;
  const base = { id: `p${made}`, extension: 7, did: SALES, contact: ANNA, direction: "in", text, at: NOW } as const;
  return listedText({ ...base, ...more }, conversation, "key");
}

function entry(text: string, more: Partial<Entry> = {}): Entry {
  made += 1;
  const ids = { id: `m${made}.000`, message: `m${made}` as Entry["message"], conversation };
  const rest = { direction: "in", at: NOW, status: "taken", echoed: true } as const;
  return { ...ids, digest: digestOf(text, "key"), ...rest, ...more };
}

const out = { direction: "out" } as const;
const words = (some: readonly Listed[]): string[] => some.map(({ message }) => message.text);

describe("the PBX's list and the ledger", () => {
  it("explain each other one by one: what was said twice and told once is one unknown text", () => {
    const { bound, unknown } = match([listed("ok"), listed("ok"), listed("hi")], [entry("ok"), entry("hi")]);
    expect(bound).toHaveLength(2);
    expect(words(unknown)).toEqual(["ok"]);
  });

  it("never bind more than one text to one entry, nor lose one, whatever was said and told", () => {
    const texts = fc.array(fc.constantFrom("ok", "yes", "no"), { maxLength: 12 });
    fc.assert(
      fc.property(texts, texts, (said, told) => {
        const list = said.map((text) => listed(text));
        const { bound, unknown, undecided } = match(
          list,
          told.map((text) => entry(text)),
        );
        expect([...bound.map((each) => each.listed), ...unknown].toSorted(byId)).toEqual(list.toSorted(byId));
        expect(new Set(bound.map((each) => each.entry.id)).size).toBe(bound.length);
        expect(undecided).toEqual([]);
        for (const text of ["ok", "yes", "no"]) {
          const count = (some: readonly string[]): number => some.filter((each) => each === text).length;
          expect(count(words(unknown))).toBe(Math.max(0, count(said) - count(told)));
        }
      }),
    );
  });

  it("bear a PBX whose clock is minutes off, and an entry that has no time in the list", () => {
    expect(match([listed("a", { at: NOW - APART_MS })], [entry("a")]).unknown).toEqual([]);
    expect(match([listed("a", { at: NOW + APART_MS + 1 })], [entry("a")]).unknown).toHaveLength(1);
    const { at: _at, ...timeless } = listed("a").message;
    expect(match([listedText(timeless, conversation, "key")], [entry("a")]).unknown).toEqual([]);
  });

  it("tell conversations and directions apart", () => {
    const other = listedText(listed("a").message, "7/x/y" as Entry["conversation"], "key");
    expect(match([other], [entry("a")]).unknown).toHaveLength(1);
    expect(match([listed("a", out)], [entry("a")]).unknown).toHaveLength(1);
  });

  it("leave a text open that may be the one being sent now, and know one that was given up in doubt", () => {
    const sending = match([listed("a", out)], [entry("a", { ...out, status: "sending", echoed: false, calls: 1 })]);
    expect(sending).toMatchObject({ bound: [], unknown: [], undecided: [{}] });
    const doubtful = match([listed("a", out)], [entry("a", { ...out, status: "failed", echoed: false, calls: 2 })]);
    expect(doubtful).toMatchObject({ bound: [{}], unknown: [], undecided: [] });
  });

  it("do not take a text from a phone for one that waits or was refused, unless the list says that it failed", () => {
    for (const status of ["queued", "failed"] as const) {
      const ours = entry("a", { ...out, status, echoed: false });
      expect(match([listed("a", { ...out, status: "sent" })], [ours]).unknown).toHaveLength(1);
    }
    const refused = entry("a", { ...out, status: "failed", echoed: false });
    expect(match([listed("a", { ...out, status: "failed" })], [refused]).bound).toHaveLength(1);
  });
});

function byId(a: Listed, b: Listed): number {
  return a.message.id < b.message.id ? -1 : 1;
}

describe("a listed text that no other entry explains", () => {
  const ours = (more: Partial<Entry> = {}): Entry => entry("a", { ...out, ...more });
  const theirs = (more: Partial<PbxMessage> = {}): PbxMessage => listed("a", { ...out, ...more }).message;

  it("is the newest of those that are too many", () => {
    const [first, second] = [theirs(), theirs()];
    expect(unexplained([first, second], [ours()])).toBe(second);
    expect(unexplained([first], [ours()])).toBeUndefined();
    expect(unexplained([], [])).toBeUndefined();
  });

  it("is none that failed: it was not delivered", () => {
    expect(unexplained([theirs({ status: "failed" })], [])).toBeUndefined();
    const failed = ours({ status: "failed" });
    expect(unexplained([theirs({ status: "failed" }), theirs()], [failed])).toBeDefined();
  });
});
