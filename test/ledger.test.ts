import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestOf, echoOf, isProven, markOf, statusOf, type Entry, type EntryStatus } from "../src/ledger.js";
import type { ConversationId, MessageId } from "../src/message.js";

let made = 0;
function entry(digest: string, status: EntryStatus, more: Partial<Entry> = {}): Entry {
  made += 1;
  const ids = { id: `m${made}.000`, message: `m${made}` as MessageId, conversation: "7/a/b" as ConversationId };
  return { ...ids, direction: "out", digest, at: made, status, echoed: false, ...more };
}

describe("a digest", () => {
  it("is the same whatever the PBX does to line ends, surrounding space and accents", () => {
    expect(digestOf(" Caf\u00e9\r\nat 5\r", "k")).toBe(digestOf("Cafe\u0301\nat 5", "k"));
  });

  it("tells texts apart, and tells nothing without the key", () => {
    expect(digestOf("yes", "k")).not.toBe(digestOf("Yes", "k"));
    expect(digestOf("yes", "k")).not.toBe(digestOf("yes", "l"));
  });

  it("never holds the text", () => {
    fc.assert(fc.property(fc.string({ minLength: 4 }), (text) => !digestOf(text, "k").includes(text)));
  });
});

describe("an echo", () => {
  it("belongs to the oldest text with the same words that was begun and not echoed", () => {
    const [first, second] = [entry("a", "sending"), entry("a", "taken")];
    expect(echoOf([entry("b", "taken"), first, second], "a")).toBe(first);
    expect(echoOf([{ ...first, echoed: true }, second], "a")).toBe(second);
  });

  it("may come before the PBX's answer and after its status", () => {
    for (const status of ["sending", "taken", "sent", "failed"] as const)
      expect(echoOf([entry("a", status, { calls: 1 })], "a")).toBeDefined();
  });

  it("is not that of a text which still waits", () => {
    expect(echoOf([entry("a", "queued")], "a")).toBeUndefined();
  });

  it("is not that of a text which the PBX surely refused", () => {
    expect(echoOf([entry("a", "failed", { calls: 0 })], "a")).toBeUndefined();
  });

  it("or a status proves that the PBX has a text, unless it may be about an equal one", () => {
    const own = entry("a", "sending", { echoed: true });
    expect(isProven(own, [own])).toBe(true);
    expect(isProven(entry("a", "sending"), [])).toBe(false);
    for (const status of ["before", "sending", "taken", "sent", "doubtful"] as const)
      expect(isProven(own, [entry("a", status), own])).toBe(false);
    const neverThere = [entry("a", "queued"), entry("a", "failed", { calls: 0 })];
    expect(isProven(entry("a", "sent"), neverThere)).toBe(true);
  });

  it("explains as many events as there are texts: one more is somebody else's", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 8 }), (texts, events) => {
        let entries = Array.from({ length: texts }, () => entry("a", "taken"));
        let foreign = 0;
        for (let event = 0; event < events; event += 1) {
          const echo = echoOf(entries, "a");
          if (echo === undefined) foreign += 1;
          entries = entries.map((each) => (each === echo ? { ...each, echoed: true } : each));
        }
        return foreign === Math.max(0, events - texts);
      }),
    );
  });
});

describe("a status", () => {
  it("goes to the oldest text with these words that has none", () => {
    const [first, second] = [entry("a", "sent"), entry("a", "taken")];
    expect(statusOf([first, second, entry("a", "sending")], "a", "sent")).toBe(second);
  });

  it("may come before the PBX's answer", () => {
    const sending = entry("a", "sending");
    expect(statusOf([sending], "a", "sent")).toBe(sending);
  });

  it("without words goes to the oldest text without a status", () => {
    const open = entry("b", "taken");
    expect(statusOf([entry("a", "sent"), open], undefined, "failed")).toBe(open);
  });

  it("`failed` overrules the newest `sent`; `sent` overrules nothing", () => {
    const [older, newer] = [entry("a", "sent"), entry("a", "sent")];
    expect(statusOf([older, newer], "a", "failed")).toBe(newer);
    expect(statusOf([entry("a", "failed")], "a", "sent")).toBeUndefined();
    expect(statusOf([entry("a", "failed")], "a", "failed")).toBeUndefined();
  });

  it("that may have been told before decides nothing about a text whose fate is open", () => {
    for (const open of ["sending", "taken", "sent", "doubtful"] as const)
      expect(statusOf([entry("a", "failed"), entry("a", open)], "a", "failed")).toBeUndefined();
    for (const open of ["sending", "doubtful"] as const)
      expect(statusOf([entry("a", "sent"), entry("a", open)], "a", "sent")).toBeUndefined();
  });

  it("is about no text that was never begun", () => {
    expect(statusOf([entry("a", "queued")], "a", "failed")).toBeUndefined();
  });
});

describe("a message's mark", () => {
  const mark = (...statuses: EntryStatus[]) => markOf(statuses.map((status) => entry("a", status)));

  it("is `sent` once every text was taken", () => {
    expect(mark("taken", "sent")).toBe("sent");
    expect(mark("taken", "sending")).toBeUndefined();
    expect(mark("queued")).toBeUndefined();
    expect(mark()).toBeUndefined();
  });

  it("is `failed` as soon as one text failed, whatever the others did and in whatever order", () => {
    const statuses = fc.array(fc.constantFrom<EntryStatus>("queued", "sending", "taken", "sent"));
    fc.assert(fc.property(statuses, statuses, (before, after) => mark(...before, "failed", ...after) === "failed"));
  });
});
