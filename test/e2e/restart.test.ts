/** Points 4 and 12: work outlives the process that took it on, and two processes on one storage do no work twice. */
import { describe, expect } from "vitest";
import { ALICE, BOB, test } from "./harness.js";
import { run } from "./program.js";

describe.concurrent("a restart", () => {
  test("with work waiting in every direction loses nothing and repeats nothing", async ({ open }) => {
    const office = await open();
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const topic = await office.topic();
    await topic.reads("bot: hello there");

    await office.pbx.down(true);
    const slackFails = office.slack.fail({ kind: "status", code: 503, method: "chat.postMessage" });
    const telegramFails = office.telegram.fail({ kind: "reset before effect", method: "sendMessage" });
    thread.says("first reply");
    thread.says("second reply");
    office.contact(ALICE).texts("a text meanwhile");
    office.contact(BOB).texts("from somebody new");
    await thread.holds("Anna: first reply :hourglass_flowing_sand:");
    expect(await office.stop()).toBeLessThan(10_000);

    thread.says("said while nobody listened");
    topic.says("said in Telegram while nobody listened");
    slackFails.stop();
    telegramFails.stop();
    await office.pbx.down(false);
    await office.start();
    await office.eventually(() => expect(office.contact(ALICE).got()).toHaveLength(4));
    await thread.holds("Anna: first reply :white_check_mark:", "Anna: second reply :white_check_mark:");
    await thread.holds("Anna: said while nobody listened :white_check_mark:");
    await topic.holds("Boris: said in Telegram while nobody listened 👌");
    // Whether the first attempt got through nobody can say, so the second tells of it.
    await topic.holds("bot: (maybe a repeat) / +12015550123 / a text meanwhile");
    await (await office.topic(BOB)).reads("bot: from somebody new");
    await (await office.slackThread(BOB)).reads("+1 201 555 0124: from somebody new");
    await office.quiet();
    const got = office.contact(ALICE).got();
    expect(got.slice(0, 2)).toEqual(["first reply", "second reply"]);
    expect(got.slice(2).toSorted()).toEqual(["said in Telegram while nobody listened", "said while nobody listened"]);
    expect(thread.lines().filter((line) => line.includes("meanwhile"))).toHaveLength(1);
  });

  test("after a kill in the middle of a send looks the text up instead of sending it twice", async ({ open }) => {
    const office = await open({ closed: true, bridge: { to: ["slack"] } });
    const first = run(office, ["start"]);
    await first.ready();
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    office.pbx.fail({ kind: "hang", effect: true, method: "POST", path: "/message/send/", times: 1 });
    thread.says("one and only");
    await office.contact(ALICE).gets("one and only");
    await first.end("SIGKILL");
    const second = run(office, ["start"]);
    await second.ready();
    await thread.holds("Anna: one and only :white_check_mark:");
    thread.says("and another");
    await thread.holds("Anna: and another :white_check_mark:");
    expect(office.contact(ALICE).got()).toEqual(["one and only", "and another"]);
    expect(await second.end()).toMatchObject({ code: 0 });
  });

  test("is not even needed: two processes on one storage share the work and double none of it", async ({ open }) => {
    const office = await open({ closed: true, bridge: { to: ["slack"] } });
    // The second one takes no events of the PBX; Slack gives each of its own to one of the two connections.
    const other = office.yaml
      .replace(`port: ${office.port}`, "port: 0")
      .replace("events: { secret:", "events: { register: false, secret:")
      .replace(/^telegram:\n(?: {2}.*\n)+/m, "");
    const first = run(office, ["start"], office.yaml.replace(/^telegram:\n(?: {2}.*\n)+/m, ""));
    await first.ready();
    const second = run(office, ["start"], other);
    await second.ready();
    expect(office.slack.connections()).toBe(2);
    const contacts = [ALICE, BOB];
    for (const contact of contacts) for (const word of ["one", "two", "three"]) office.contact(contact).texts(word);
    const threads = await Promise.all(contacts.map((contact) => office.slackThread(contact)));
    for (const thread of threads)
      for (const word of ["red", "green", "blue", "white"]) thread.says(`${word} for ${thread.id}`);
    for (const [index, thread] of threads.entries()) {
      await office.eventually(() => {
        const lines = thread.lines();
        expect(lines.filter((line) => line.endsWith(":white_check_mark:"))).toHaveLength(4);
        expect(lines.join(" ").match(/\b(one|two|three)\b/g)).toEqual(["one", "two", "three"]);
      });
      expect(office.contact(contacts[index] ?? "").got()).toHaveLength(4);
    }
    const ends = await Promise.all([first.end(), second.end()]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  });
});
