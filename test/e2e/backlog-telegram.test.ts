import { expect } from "vitest";
import { allOf, CONTACTS, flood, limited, otherLine, report, showsElsewhere, textsIn, twoNumbers } from "./flood.js";
import { test } from "./harness.js";

test("a backlog of 120 texts of 12 contacts within 2 s is in Telegram's topics, complete and in order, within 90 s and with at most one 429", async ({
  open,
}) => {
  const office = await open({
    world: limited,
    before: twoNumbers,
    bridge: ({ telegram }) => ({
      to: ["telegram"],
      more: otherLine(`telegram: ${telegram.addGroup({ id: -1001000009001, title: "Other", forum: true })}`),
    }),
  });
  const since = performance.now();
  const elsewhere = showsElsewhere(office, (text) =>
    office.telegram.messages(-1001000009001).some((message) => message.text.endsWith(text)),
  );
  await flood(office);
  for (const contact of CONTACTS) {
    const topic = await office.eventually(() => office.topic(contact), 90_000);
    await office.eventually(() => expect(textsIn(topic.lines())).toEqual(allOf(contact)), 90_000);
  }
  const ms = performance.now() - since;
  const refused = office.telegram.calls.filter(({ status }) => status === 429).length;
  const sends = office.telegram.calls.filter(({ method }) => /^(sendMessage|createForumTopic)$/.test(method)).length;
  report("Telegram", { ms, "sends and topics": sends, "429s": refused, "ms elsewhere": await elsewhere });
  expect(ms).toBeLessThan(90_000);
  expect(refused).toBeLessThanOrEqual(1);
  expect(await elsewhere).toBeLessThan(2000);
}, 150_000);
