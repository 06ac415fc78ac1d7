import { expect, test } from "vitest";
import { watchPbx } from "../../src/pbx/health.js";
import { contact, did, failureOf, startPbx } from "./harness.js";

const whole = { since: 0, whole: true } as const;

test("a PBX whose list is too long is well: it answered", async () => {
  const { pbx, client: unwatched } = await startPbx({ quirks: { maxPerPage: 5, bareLists: true } }, { retries: 0 });
  const { client, unwell } = watchPbx(unwatched);
  for (let made = 0; made < 260; made += 1) pbx.textFrom(contact, did, "x", { at: made, silent: true });
  pbx.fail({ kind: "status", code: 503, times: 1 });
  await failureOf(client.messages.list(7));
  expect(unwell()).toMatch(/list the messages/);
  expect(await failureOf(client.messages.list(7, whole))).toMatchObject({ name: "RetryLater", afterMs: 60_000 });
  expect(unwell()).toBeUndefined();
});

test("a PBX that refuses one request is well, one that cannot be reached is not", async () => {
  const { pbx, client: unwatched } = await startPbx({}, { retries: 0 });
  const { client, unwell } = watchPbx(unwatched);
  await failureOf(client.messages.get(7, "nobody's"));
  expect(unwell()).toBeUndefined();
  await pbx.down(true);
  await failureOf(client.messages.list(7));
  expect(unwell()).toMatch(/cannot be reached|broke off/);
  await pbx.down(false);
  await client.messages.list(7);
  expect(unwell()).toBeUndefined();
});
