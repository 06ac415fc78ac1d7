import { expect } from "vitest";
import { allOf, CONTACTS, flood, limited, otherLine, report, showsElsewhere, textsIn, twoNumbers } from "./flood.js";
import { test, type Office } from "./harness.js";

test("a backlog of 120 texts of 12 contacts within 2 s is in Slack's threads, complete and in order, within 25 s and with at most one 429", async ({
  open,
}) => {
  const office = await open({
    world: limited,
    before: twoNumbers,
    bridge: ({ slack }) => ({ to: ["slack"], more: otherLine(`slack: ${slack.addChannel({ name: "other" }).id}`) }),
  });
  const other = office.slack.channels().find(({ name }) => name === "other")?.id ?? "";
  const since = performance.now();
  const elsewhere = showsElsewhere(office, (text) =>
    office.slack
      .messages(other)
      .flatMap(({ ts }) => office.slack.replies(other, ts))
      .some((message) => office.slack.rendered(message) === text),
  );
  const slow = firstIsSlow(office);
  await flood(office);
  await slow;
  for (const contact of CONTACTS) {
    const thread = await office.slackThread(contact);
    await office.eventually(() => expect(textsIn(thread.lines())).toEqual(allOf(contact)), 40_000);
  }
  const ms = performance.now() - since;
  const refused = office.slack.calls.filter(({ status }) => status === 429).length;
  const posts = office.slack.calls.filter(({ method }) => method === "chat.postMessage").length;
  report("Slack", { ms, posts, "429s": refused, "ms elsewhere": await elsewhere });
  expect(ms).toBeLessThan(25_000);
  expect(refused).toBeLessThanOrEqual(1);
  expect(await elsewhere).toBeLessThan(2000);
});

/** As where a connection has to be made first: Slack counts it later than we do. */
async function firstIsSlow({ slack, eventually }: Office): Promise<void> {
  slack.latency(300);
  await eventually(() => expect(slack.calls.some(({ method }) => method === "chat.postMessage")).toBe(true));
  slack.latency(0);
}
