import { describe, expect, test } from "vitest";
import type { Quirks } from "../../src/sandbox/pbx/types.js";
import { contact, did, failureOf, secondDid, startPbx } from "./harness.js";

/** Whatever a provider's build is like, the client's calls mean the same. */
const builds: Record<string, Partial<Quirks>> = {
  "as documented": {},
  "that ignores filters": { ignoresFilters: true },
  "that ignores filters and order": { ignoresFilters: true, ignoresOrder: true },
  "that ignores the order": { ignoresOrder: true },
  "that ignores pages": { ignoresPaging: true, bareLists: true },
  "with bare lists": { bareLists: true },
  "with small pages": { maxPerPage: 2 },
  "with small pages and bare lists": { maxPerPage: 5, bareLists: true },
  "with ids as numbers": { idsAsNumbers: true },
  "with numbers without +": { numbersWithoutPlus: true },
  "with fractions of a second": { commaTimes: true },
  "that answers a send with the id only": { sendAnswer: "id" },
  "with everything odd at once": {
    ignoresFilters: true,
    ignoresOrder: true,
    bareLists: true,
    maxPerPage: 5,
    idsAsNumbers: true,
    numbersWithoutPlus: true,
    commaTimes: true,
    sendAnswer: "id",
  },
};

const noon = Date.UTC(2026, 2, 1, 12);
const minute = 60_000;

describe.each(Object.entries(builds))("on a build %s", (_, quirks) => {
  const start = () => startPbx({ quirks, settling: "by hand" });

  test("a text is sent, found, read, marked and deleted", async () => {
    const { pbx, client } = await start();
    const { id = "" } = await client.messages.send(7, { to: contact, from: secondDid, text: "Hällo 👋" });
    expect(pbx.sentTexts()).toMatchObject([{ id, did: secondDid, contact, text: "Hällo 👋" }]);
    const sent = {
      id,
      extension: 7,
      direction: "out",
      did: { number: secondDid },
      contact: { number: contact },
      text: "Hällo 👋",
      status: "pending",
    };
    expect(await client.messages.get(7, id)).toMatchObject(sent);
    expect(await client.messages.list(7)).toMatchObject([sent]);
    pbx.settle(id, "failed");
    expect(await client.messages.get(7, id)).toMatchObject({ status: "failed" });
    await client.messages.markRead(7, id, false);
    expect(pbx.messages()).toMatchObject([{ id, read: false }]);
    await client.messages.markRead(7, id, true);
    expect(pbx.messages()).toMatchObject([{ id, read: true }]);
    await client.messages.remove(7, id);
    expect(pbx.messages()).toEqual([]);
  });

  test("a list holds every message of its time and direction, once, in the order asked for", async () => {
    const { pbx, client } = await start();
    for (let i = 0; i < 12; i++) {
      if (i % 3 === 2) pbx.deskPhoneSends(did, contact, `text ${i}`, { at: noon + i * minute });
      else pbx.textFrom(contact, did, `text ${i}`, { at: noon + i * minute });
    }
    const texts = async (options: Parameters<typeof client.messages.list>[1]) =>
      (await client.messages.list(7, options)).map(({ text }) => Number(text.slice(5)));
    expect(await texts({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(await texts({ order: "newest-first", limit: 3 })).toEqual([11, 10, 9]);
    expect(await texts({ limit: 3 })).toEqual([0, 1, 2]);
    expect(await texts({ since: noon + 7 * minute })).toEqual([7, 8, 9, 10, 11]);
    expect(await texts({ since: noon + 7 * minute, limit: 2 })).toEqual([7, 8]);
    expect(await texts({ since: noon + 2 * minute, until: noon + 5 * minute })).toEqual([2, 3, 4, 5]);
    expect(await texts({ until: noon + 2 * minute + 500, order: "newest-first" })).toEqual([2, 1, 0]);
    expect(await texts({ direction: "out" })).toEqual([2, 5, 8, 11]);
    expect(await texts({ direction: "in", since: noon + 5 * minute, order: "newest-first", limit: 2 })).toEqual([
      10, 9,
    ]);
    expect(await texts({ since: noon + 60 * minute })).toEqual([]);
    expect((await client.messages.list(7)).map(({ at }) => at)).toEqual(
      Array.from({ length: 12 }, (__, i) => noon + i * minute),
    );
  });

  test("texts of the same second keep their order", async () => {
    const { pbx, client } = await start();
    for (const text of ["one", "two", "three"]) pbx.textFrom(contact, did, text, { at: noon });
    const texts = async (order: "oldest-first" | "newest-first") =>
      (await client.messages.list(7, { order })).map(({ text }) => text);
    // A list of one second tells nothing of its order: a server that ignores ours cannot be found out.
    if (quirks.ignoresOrder !== true) expect(await texts("oldest-first")).toEqual(["one", "two", "three"]);
    expect(await texts("newest-first")).toEqual(["three", "two", "one"]);
  });

  test("chats are listed, read, marked, cleared and deleted", async () => {
    const { pbx, client } = await start();
    for (let i = 0; i < 6; i++) pbx.textFrom(`+1202555010${i + 2}`, did, `text ${i}`, { at: noon + i * minute });
    pbx.textFrom("22395", did, "Your code", { at: noon });
    const chats = await client.chats.list(7);
    const contacts = chats.flatMap(({ numbers }) => numbers.filter((number) => number !== did));
    expect(new Set(contacts)).toEqual(
      new Set(["22395", ...Array.from({ length: 6 }, (__, i) => `+1202555010${i + 2}`)]),
    );
    expect(chats).toHaveLength(7);
    const code = chats.find(({ numbers }) => numbers.includes("22395"));
    const id = code?.id ?? "";
    expect(code).toMatchObject({ unread: 1 });
    expect(await client.chats.get(7, id)).toMatchObject({ id, messages: [{ text: "Your code", chatId: id }] });
    expect(await client.chats.messages(7, id, { direction: "in" })).toMatchObject([{ text: "Your code", read: false }]);
    await client.chats.markRead(7, id);
    expect(await client.chats.messages(7, id)).toMatchObject([{ read: true }]);
    await client.chats.clear(7, id);
    expect(await client.chats.messages(7, id)).toEqual([]);
    expect(pbx.messages()).toHaveLength(6);
    await client.chats.remove(7, id);
    expect(await client.chats.list(7)).toHaveLength(6);
  });

  test("event subscriptions are added, listed and removed", async () => {
    const { pbx, client } = await start();
    const url = "https://sms.example.com/pbx/events/0123456789abcdef";
    const { id = "" } = await client.events.add(7, { url, type: "message-in", method: "POST" });
    expect(await client.events.list(7)).toEqual([{ id, url, type: "message-in", method: "POST" }]);
    await client.events.remove(7, id);
    expect(pbx.subscriptions()).toEqual([]);
    expect(await client.events.list(7)).toEqual([]);
  });
});

test("a build that answers a send with nothing has taken the text all the same", async () => {
  const { pbx, client } = await startPbx({ quirks: { sendAnswer: "empty" } });
  expect(await client.messages.send(7, { to: contact, text: "Hi" })).toEqual({});
  expect(pbx.sentTexts()).toHaveLength(1);
});

test("the fields of a text to send can be named otherwise", async () => {
  const sendFields = { to: "recipient", from: "sender", text: "body" };
  const { pbx, client } = await startPbx({ sendFields }, { send: { fields: sendFields } });
  await client.messages.send(7, { to: contact, from: did, text: "Hi" });
  expect(pbx.sentTexts()).toMatchObject([{ did, contact, text: "Hi" }]);
});

test("a list longer than can be read is reported, not cut in silence", async () => {
  const { pbx, client, lines } = await startPbx({ quirks: { maxPerPage: 5, bareLists: true } });
  for (let i = 0; i < 260; i++) pbx.textFrom(contact, did, "x", { at: noon + i * minute, silent: true });
  expect(await client.messages.list(7)).toHaveLength(250);
  expect(lines.join()).toMatch(/list the messages whole.* more than can be read .*250.* Delete old ones in the PBX/);
  expect(await client.messages.list(7, { since: noon + 200 * minute, whole: true })).toHaveLength(60);
  expect(await failureOf(client.messages.list(7, { whole: true }))).toMatchObject({
    name: "RetryLater",
    message: expect.stringMatching(/could not list the messages whole/),
  });
});

test("times are the PBX's, also where its clock is wrong", async () => {
  const { pbx, client } = await startPbx({ quirks: { clockOffsetMs: 90_000 } });
  pbx.textFrom(contact, did, "x", { at: noon });
  expect(await client.messages.list(7, { since: noon + 80_000 })).toMatchObject([{ at: noon + 90_000 }]);
});

test("a message that the PBX lists late is there later", async () => {
  let now = noon;
  const { pbx, client } = await startPbx({ quirks: { listsLateMs: 5_000 }, now: () => now });
  pbx.textFrom(contact, did, "x");
  expect(await client.messages.list(7)).toEqual([]);
  now += 5_000;
  expect(await client.messages.list(7)).toHaveLength(1);
});
