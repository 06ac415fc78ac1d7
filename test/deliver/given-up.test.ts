/** Texts that gave up: told in every thread, with buttons, and sent again once. */
import { describe, expect, it } from "vitest";
import { GiveUp, RetryLater } from "../../src/errors.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { createWorld, startBridge } from "../fixtures/bridge.js";
import { ANNA, LINE } from "../fixtures/conversations.js";
import { MINUTE, opened } from "./opened.js";

describe("a text that gives up", () => {
  it("is marked, and every thread gets the reason with a button; pressed, it is sent", async () => {
    const { write, run, pbx, slack, telegram, press } = await opened();
    pbx.script.fail("send", new GiveUp("The PBX refused the number."));
    const post = await write("slack", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("failed");
    for (const { posted } of [slack, telegram]) {
      expect(posted.at(-1)?.post.texts[0]?.text).toBe(
        `Not delivered to ${ANNA.number}: “Hi”. The PBX refused the number.`,
      );
      expect(posted.at(-1)?.post.choices).toMatchObject([{ action: "retry" }]);
    }
    expect(slack.posted.at(-1)?.post.about).toBe(post);
    await press("telegram", "retry");
    await run();
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
    expect(slack.lines().at(-1)).toMatch(/sent it again/);
    expect([...telegram.settled.values()]).toEqual([expect.stringMatching(/sent it again/)]);
  });

  it("after 6 hours of a wait that nobody asked for, as for a token that is refused", async () => {
    const { write, run, pbx, slack, clock } = await opened();
    for (let time = 0; time < 10; time += 1)
      pbx.script.fail("send", new RetryLater("no token", { scope: "target", afterMs: MINUTE }));
    const post = await write("slack", "Hi");
    await run(5 * MINUTE);
    expect(slack.marks.get(post)).toBe("waiting");
    clock.leap(6 * 60 * MINUTE);
    await run(2 * MINUTE);
    expect(slack.marks.get(post)).toBe("failed");
    expect(slack.posted.at(-1)?.post.choices).toMatchObject([{ action: "retry" }]);
  });

  it("never while the other side asks to wait", async () => {
    const { write, run, pbx, slack, clock } = await opened();
    for (let time = 0; time < 10; time += 1)
      pbx.script.fail("send", new RetryLater("busy", { afterMs: MINUTE, patient: true }));
    const post = await write("slack", "Hi");
    await run(5 * MINUTE);
    clock.leap(24 * 60 * MINUTE);
    await run(2 * MINUTE);
    expect(slack.marks.get(post)).toBe("waiting");
    await run(5 * MINUTE);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("lets the next reply of the conversation go", async () => {
    const { write, run, pbx } = await opened();
    pbx.script.fail("send", new GiveUp("No."));
    await write("slack", "one");
    await write("slack", "two");
    await run();
    expect(pbx.words()).toEqual(["two"]);
  });

  it("takes the rest of its message with it, and sent again goes whole and in order", async () => {
    const { write, run, pbx, press } = await opened();
    const text = "word ".repeat(50).trim();
    pbx.script.fail("send", new GiveUp("No."));
    await write("slack", text);
    await run();
    expect(pbx.words()).toEqual([]);
    await press("slack", "retry");
    await run();
    expect(pbx.words().join("")).toBe(text);
  });

  it("is sent once, whoever presses wherever", async () => {
    const { write, run, pbx, press } = await opened();
    pbx.script.fail("send", new GiveUp("No."));
    await write("slack", "Hi");
    await run();
    await press("slack", "retry");
    await press("telegram", "retry");
    await run();
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual(["Hi"]);
  });

  it("marks the post again when it fails, is sent again, and gets through", async () => {
    const { write, run, pbx, press, slack } = await opened();
    const post = await write("slack", "Hi");
    for (let time = 0; time < 2; time += 1) pbx.script.fail("send", new GiveUp("No."));
    await run();
    for (let time = 0; time < 2; time += 1) {
      expect(slack.marks.get(post)).toBe("failed");
      await press("slack", "retry");
      await run();
    }
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
  });
});

describe("the buttons under a failure's notice", () => {
  it("go in every place once one was used; the reason stays, and a late press changes nothing", async () => {
    const { write, run, pbx, press, slack, telegram } = await opened();
    pbx.script.fail("send", new GiveUp("No."));
    await write("slack", "Hi");
    await run();
    await press("slack", "retry");
    await run();
    await press("telegram", "retry");
    await run();
    for (const { settled, said } of [slack, telegram]) {
      expect([...settled.values()]).toEqual(["Eve sent it again."]);
      expect([...said.values()]).toEqual([`Not delivered to ${ANNA.number}: “Hi”. No.`]);
    }
    expect(pbx.words()).toEqual(["Hi"]);
  });

  it("go also where the notice appears only later", async () => {
    const { write, run, pbx, press, telegram } = await opened();
    pbx.script.fail("send", new GiveUp("No."));
    for (let time = 0; time < 4; time += 1) telegram.script.fail("send", new RetryLater("down"));
    await write("slack", "Hi");
    await run();
    await press("slack", "retry");
    await run(MINUTE);
    expect(telegram.lines().join()).toContain("Not delivered");
    expect([...telegram.settled.values()]).toEqual(["Eve sent it again."]);
  });

  it("stay under the notice of a later failure", async () => {
    const { write, run, pbx, press, telegram } = await opened();
    for (let time = 0; time < 2; time += 1) pbx.script.fail("send", new GiveUp("No."));
    for (let time = 0; time < 3; time += 1) telegram.script.fail("settle", new RetryLater("busy"));
    await write("slack", "Hi");
    await run();
    await press("slack", "retry");
    await run(MINUTE);
    expect(telegram.posted.filter(({ post }) => post.choices !== undefined)).toHaveLength(2);
    expect(telegram.settled.size).toBe(1);
    await press("telegram", "retry");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(telegram.settled.size).toBe(2);
  });
});

it("a long text that fails again is told of also where the first notice still waited", async () => {
  const { press, write, run, pbx, slack } = await opened();
  for (let time = 0; time < 3; time += 1) slack.script.fail("send", new RetryLater("down", { afterMs: MINUTE }));
  const { send } = pbx.messages;
  let calls = 0;
  pbx.messages.send = (...given) => ((calls += 1) === 1 ? send(...given) : Promise.reject(new GiveUp(`No ${calls}.`)));
  await write("telegram", "word ".repeat(30).trim());
  await run(1000);
  await press("telegram", "retry");
  await run(10 * MINUTE);
  expect(slack.posted.at(-1)?.post.choices).toHaveLength(1);
});

describe("a text that is sent again after more than two days and a restart", () => {
  const sentAgain = async (failure?: RetryLater) => {
    const [world, file] = [createWorld({ givesIds: false }), openSqliteFile(":memory:")];
    const before = await startBridge({ world, file });
    await before.receive("Hello");
    await before.run();
    world.pbx.script.fail("send", new GiveUp("The PBX refused the number."), "before");
    await before.write("slack", "I call you");
    await before.run(1000);
    await before.stop();
    world.clock.leap(49 * 60 * MINUTE);
    const after = await startBridge({ world, file, owner: "two" });
    await after.run(1000);
    if (failure !== undefined) world.pbx.script.fail("send", failure, "after");
    await after.press("slack", "retry");
    await after.run();
    await after.echo("I call you");
    await after.run(5 * MINUTE);
    return after;
  };

  it("is known by its echo: no desk phone sent it", async () => {
    const { slack, telegram } = await sentAgain();
    for (const lines of [slack.lines(), telegram.lines()])
      expect(lines.filter((line) => line.startsWith(LINE.name) && line.endsWith("I call you"))).toEqual([]);
  });

  it("is not sent twice though its answer is lost", async () => {
    const { pbx } = await sentAgain(new RetryLater("no answer", { uncertain: true }));
    expect(pbx.words()).toEqual(["I call you"]);
  });
});
