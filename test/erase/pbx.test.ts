/** Erasing on an extension whose list is longer than one reading: 250 entries here, 5,000 where pages are full. */
import { expect, test } from "vitest";
import { eraseInPbx, findInPbx } from "../../src/erase/pbx.js";
import { contact, did, startPbx } from "../pbx/harness.js";

const noon = Date.UTC(2026, 2, 1, 12);
const minute = 60_000;
const other = "+12025550142";

async function longList(quirks: object) {
  const { pbx, client } = await startPbx({ quirks: { maxPerPage: 5, bareLists: true, ...quirks } });
  const say = (from: string, n: number) => pbx.textFrom(from, did, "x", { at: noon + n * minute, silent: true });
  say(contact, 0);
  for (let n = 1; n < 299; n += 1) say(other, n);
  say(contact, 299);
  return { pbx, client };
}

test("the oldest and the newest text of a contact are erased, however long the extension's list is", async () => {
  const { pbx, client } = await longList({});
  const found = await findInPbx(client, 7, contact);
  expect(found.messages).toHaveLength(2);
  expect(await eraseInPbx(client, found, contact)).toMatchObject({ state: "done" });
  expect(pbx.messages().filter((each) => each.contact === contact)).toEqual([]);
  expect(pbx.messages()).toHaveLength(298);
});

test("a list that the PBX does not give whole is not taken for all: erasing says `again`", async () => {
  const { client } = await longList({ ignoresFilters: true, ignoresOrder: true });
  const found = await findInPbx(client, 7, contact);
  expect(await eraseInPbx(client, found, contact)).toMatchObject({
    state: "again",
    what: expect.stringMatching(/could not list the messages whole/),
  });
});

const REFUSED = { kind: "status", code: 403, body: '{"message":"forbidden"}', method: "DELETE" } as const;

async function withTexts() {
  const { pbx, client } = await startPbx({}, { retries: 0 });
  for (const from of [contact, other]) pbx.textFrom(from, did, "x", { at: noon, silent: true });
  return { pbx, client, found: await findInPbx(client, 7, contact) };
}

test("a chat that the PBX does not delete is emptied, and then its messages go one by one", async () => {
  for (const refused of [/\/chat\/[^/]+\/?$/, /\/chat\//]) {
    const { pbx, client, found } = await withTexts();
    pbx.fail({ ...REFUSED, path: refused });
    expect(await eraseInPbx(client, found, contact)).toMatchObject({ state: "done" });
    expect(pbx.messages().map((each) => each.contact)).toEqual([other]);
  }
});

test("what the PBX does not delete in any way is told as left, with how much", async () => {
  const { pbx, client, found } = await withTexts();
  pbx.fail(REFUSED);
  expect(await eraseInPbx(client, found, contact)).toEqual({
    ...{ state: "again", where: "PBX extension 7", what: "1 message could not be deleted" },
  });
});

test("a PBX that is down is told as left, with the reason", async () => {
  const { pbx, client, found } = await withTexts();
  await pbx.down(true);
  expect(await eraseInPbx(client, found, contact)).toMatchObject({
    ...{ state: "again", where: "PBX extension 7" },
    what: expect.stringMatching(/cannot be reached|broke off/) as unknown,
  });
  await pbx.down(false);
  expect(await eraseInPbx(client, found, contact)).toMatchObject({ state: "done" });
});
