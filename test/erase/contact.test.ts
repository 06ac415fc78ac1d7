/** A PBX that is down while a contact is erased: all else is, but not what keeps its list from looking new. */
import { expect, test } from "vitest";
import { eraseContact, findContact, type EraseDeps } from "../../src/erase.js";
import { RetryLater } from "../../src/errors.js";
import { startBridge } from "../fixtures/bridge.js";
import { ANNA, BEN } from "../fixtures/conversations.js";

test("what the PBX still has stays known in the ledger, is told so, and goes when it is done again", async () => {
  const bridge = await startBridge();
  const { store, links, pbx: scripted, receive, run } = bridge;
  for (const contact of [ANNA, BEN]) await receive("hello", contact);
  await run();
  let isDown = true;
  const answer = async <T>(work: () => T): Promise<T> => {
    if (isDown) throw new RetryLater("Could not list the chats: the PBX cannot be reached.");
    return work();
  };
  const pbx: EraseDeps["pbx"] = {
    ...scripted,
    messages: {
      ...scripted.messages,
      list: (extension, options) => answer(() => scripted.messages.list(extension, options)).then((listed) => listed),
      remove: async (_extension, id) => {
        scripted.list.splice(
          scripted.list.findIndex((each) => each.id === id),
          1,
        );
      },
    },
    chats: { ...scripted.chats, list: () => answer(() => []) },
  };
  const deps: EraseDeps = { store, links, pbx, extensions: [7], adapters: new Map(), sleep: async () => {} };
  const entries = () => [...store.all.entries()].map(({ conversation }) => conversation.split("/").at(-1));
  const erase = async () => eraseContact(await findContact(ANNA.number, deps), deps, () => {});

  const told = await erase();
  expect(told.filter(({ where }) => where !== "Slack" && where !== "Telegram")).toEqual([
    { state: "again", where: "PBX extension 7", what: "Could not list the chats: the PBX cannot be reached." },
    {
      state: "again",
      where: "ledger",
      what: expect.stringMatching(/^1 message must stay known until the PBX has none/),
    },
    { state: "done", where: "store", what: expect.stringMatching(/^1 conversation, .* links?$/) },
  ]);
  expect(new Set(entries())).toEqual(new Set([ANNA.number, BEN.number]));

  isDown = false;
  expect((await erase()).filter(({ where }) => where.startsWith("PBX"))).toEqual([
    { state: "done", where: "PBX extension 7", what: "0 chats and 1 message deleted" },
  ]);
  expect([entries(), scripted.list.map(({ contact }) => contact.number)]).toEqual([[BEN.number], [BEN.number]]);
});

test("a thread that is just being opened is told of, and goes when it is done again", async () => {
  const bridge = await startBridge();
  const { slack, store, links, clock, pbx: scripted, receive, run } = bridge;
  const { open } = slack;
  slack.open = async (...asked) => {
    await clock.sleep(20_000);
    return open(...asked);
  };
  await receive("private words");
  await run();
  const pbx: EraseDeps["pbx"] = { ...scripted, chats: { ...scripted.chats, list: async () => [] } };
  const deps: EraseDeps = { store, links, pbx, extensions: [], adapters: new Map(), sleep: async () => {} };
  const erase = async () => eraseContact(await findContact(ANNA.number, deps), deps, () => {});
  const again = { state: "again", where: "threads", what: expect.stringMatching(/^1 delivery was under way/) };
  expect(await erase()).toContainEqual(again);
  await run(20_000);
  const { threads } = (await findContact(ANNA.number, deps)).linked;
  expect(threads.map(({ platform }) => platform)).toContain("slack");
  expect(await erase()).not.toContainEqual(again);
});
