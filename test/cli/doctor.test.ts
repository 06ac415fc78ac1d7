/** What `doctor` makes of what it finds, where that needs no bridge. */
import { expect, test } from "vitest";
import { queueFindings, withoutPromise } from "../../src/cli/doctor.js";
import { delivery } from "../fixtures/working.js";

const { work } = delivery("a", "one");
const gaveUp = { state: "set-aside", work } as const;
const held = { state: "held", work } as const;

test("an empty queue is well", () => {
  expect(queueFindings([])).toEqual([{ ok: true, what: "Queue", detail: "nothing has been set aside" }]);
});

test("what waits for somebody's answer is told, and is no failure", () => {
  expect(queueFindings([held, held]).map(({ ok, what, detail }) => [ok, what, detail])).toEqual([
    [true, "Queue", "nothing has been set aside"],
    [true, "Questions", "2 held until somebody answers in the thread. See: queue list"],
  ]);
});

test("what gave up is counted without it", () => {
  expect(queueFindings([gaveUp, held, gaveUp]).map(({ ok, detail }) => [ok, detail])).toEqual([
    [false, "2 set aside. See: queue list"],
    [true, "1 held until somebody answers in the thread. See: queue list"],
  ]);
});

test("doctor promises no second try, and says what to do instead", () => {
  expect(withoutPromise("Slack could not be reached for auth.test (ENOTFOUND); it is tried again.")).toBe(
    "Slack could not be reached for auth.test (ENOTFOUND). Check this machine's network, DNS, firewall and proxy, then run doctor again.",
  );
  expect(withoutPromise("Slack answered auth.test with HTTP 503; it is tried again.")).toBe(
    "Slack answered auth.test with HTTP 503. Run doctor again in a while.",
  );
  expect(withoutPromise("The bot is in #sales.")).toBe("The bot is in #sales.");
});
