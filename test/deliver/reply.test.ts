/** What people write in threads, on its way to the contact. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { startBridge } from "../fixtures/bridge.js";
import { ANNA, BEN, SLACK } from "../fixtures/conversations.js";
import { WITHHELD } from "../../src/pbx/numbers.js";
import { opened } from "./opened.js";

describe("a reply", () => {
  it("goes out once, from the number that was texted, is marked where it was typed and copied elsewhere", async () => {
    const { write, run, pbx, slack, telegram } = await opened();
    const post = await write("slack", "Hi Anna");
    await run();
    expect(pbx.list.slice(1)).toMatchObject([{ text: "Hi Anna", contact: ANNA, did: { number: "+15550100" } }]);
    expect(slack.marks.get(post)).toBe("sent");
    expect(slack.lines()).toEqual([`${ANNA.number}: Hello`]);
    expect(telegram.lines()).toEqual([`${ANNA.number}: Hello`, "Eve (Slack): Hi Anna"]);
    expect([...telegram.marks.values()]).toEqual(["sent"]);
  });

  it("to somebody who told no number is sent nowhere, and says so", async () => {
    const { write, run, pbx, slack, receive } = await startBridge();
    await receive("call me", WITHHELD);
    await run();
    expect(slack.lines()).toEqual(["number withheld: call me"]);
    const post = await write("slack", "Who are you?");
    await run(60_000);
    expect(pbx.words()).toEqual([]);
    expect(slack.marks.get(post)).toBe("failed");
    expect(slack.lines().at(-1)).toContain("told no number, so nobody can be answered here");
  });

  it("is sent as often as it is written, even with the same words", async () => {
    const { write, run, pbx } = await opened();
    await write("slack", "ok");
    await write("telegram", "ok");
    await run();
    expect(pbx.words()).toEqual(["ok", "ok"]);
  });

  it("of which the platform tells twice is sent once", async () => {
    const { write, run, pbx } = await opened();
    await write("slack", "ok", { key: "the same" });
    await run();
    await write("slack", "ok", { key: "the same" });
    await run();
    expect(pbx.words()).toEqual(["ok"]);
  });

  it("goes to the conversation of the post that it answers, where there is no thread", async () => {
    const { receive, write, run, pbx, telegram } = await opened();
    await receive("Me too", BEN);
    await run();
    const [ofAnna] = telegram.posted;
    if (ofAnna === undefined) throw new Error("no post");
    await write("telegram", "To Anna", { thread: undefined as never, replyTo: ofAnna.id });
    await run();
    expect(pbx.list.filter(({ direction }) => direction === "out")).toMatchObject([{ text: "To Anna", contact: ANNA }]);
  });

  it("to nothing that is known reaches nobody, and in a private chat is marked so", async () => {
    const { write, run, pbx, slack, errors } = await startBridge();
    await write("slack", "chatter");
    const direct = await write("slack", "hello bot", { direct: true });
    await run();
    expect(pbx.words()).toEqual([]);
    expect([...slack.marks]).toEqual([[direct, "ignored"]]);
    expect(errors).toEqual([]);
  });

  it("too long for one text goes out in several, in order, and is marked when all are out", async () => {
    const { write, run, pbx, slack } = await opened();
    const text = "word ".repeat(50).trim();
    pbx.script.fail("send", new RetryLater("busy", { afterMs: 1000 }));
    const post = await write("slack", text);
    await run();
    expect(slack.marks.get(post)).not.toBe("sent");
    await run(1000);
    expect(pbx.words().length).toBeGreaterThan(2);
    expect(pbx.words().join("")).toBe(text);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("with files goes out, and the thread says what became of the words and that the files stayed", async () => {
    const { write, run, pbx, slack, telegram } = await opened();
    const said = (): string | undefined => slack.lines().at(-1);
    const file = "a text can carry no files. Not sent: plan.pdf, photo.jpg. Send a link instead.";
    const files = ["plan.pdf", "photo.jpg"];
    const post = await write("slack", "See this", { files });
    await run();
    expect(said()).toBe(`SMS: The contact gets the words alone, “See this”: ${file}`);
    expect(slack.posted.at(-1)?.post.about).toBe(post);
    await write("slack", "", { files });
    await run();
    expect(said()).toBe(`SMS: Nothing was sent: ${file}`);
    await write("slack", "/see this", { files });
    await run();
    expect(said()).toMatch(/^SMS: A text can carry no files: if you send it, the words go alone, without plan\.pdf, /);
    await write("slack", "// see this", { files });
    await run();
    expect(said()).toBe(
      "SMS: Only this thread shows plan.pdf, photo.jpg: copies of a note in other places are its words alone.",
    );
    expect(telegram.lines().join()).not.toContain("plan.pdf");
    expect(pbx.words()).toEqual(["See this"]);
  });

  it("by somebody who may not write stays inside, and they are told why", async () => {
    const { write, run, pbx, slack, telegram } = await opened();
    const post = await write("slack", "Hi", { author: { id: "guest" } });
    await run();
    expect(pbx.words()).toEqual([]);
    expect(slack.marks.get(post)).toBe("ignored");
    expect(slack.lines().at(-1)).toMatch(/guests/);
    expect(telegram.lines()).toHaveLength(1);
  });

  it("waits while the PBX is down, is marked as waiting after a moment, and goes out in order", async () => {
    const { write, run, pbx, slack } = await opened();
    for (let time = 0; time < 4; time += 1) pbx.script.fail("send", new RetryLater("down"));
    const first = await write("slack", "first");
    await write("slack", "second");
    await run(2999);
    expect(slack.marks.get(first)).toBeUndefined();
    await run(1000);
    expect(slack.marks.get(first)).toBe("waiting");
    await run(30_000);
    expect(pbx.words()).toEqual(["first", "second"]);
    expect(slack.marks.get(first)).toBe("sent");
  });

  it("shows that it waits, and so do its copies, also when it is not the first that waits", async () => {
    const { write, run, pbx, slack, telegram } = await opened();
    for (let time = 0; time < 6; time += 1) pbx.script.fail("send", new RetryLater("down"));
    const posts = [await write("slack", "first"), await write("slack", "second"), await write("telegram", "third")];
    await run(2999);
    expect([...slack.marks, ...telegram.marks]).toEqual([]);
    await run(1);
    for (const post of posts) expect(slack.marks.get(post) ?? telegram.marks.get(post)).toBe("waiting");
    expect([slack.marks.size, telegram.marks.size]).toEqual([3, 3]);
    await run(60_000);
    expect(pbx.words().toSorted()).toEqual(["first", "second", "third"]);
    expect(new Set([...slack.marks.values(), ...telegram.marks.values()])).toEqual(new Set(["sent"]));
  });

  it("whose copy appears late shows on it at once how things stand", async () => {
    const { write, run, pbx, slack, telegram } = await opened();
    for (let time = 0; time < 20; time += 1) pbx.script.fail("send", new RetryLater("down"));
    for (let time = 0; time < 3; time += 1) telegram.script.fail("send", new RetryLater("down"));
    await write("slack", "first");
    await run(15_000);
    expect(telegram.lines()).toHaveLength(2);
    expect([...telegram.marks.values()]).toEqual(["waiting"]);
    expect([...slack.marks.values()]).toEqual(["waiting"]);
  });
});

describe("a place that the line no longer has", () => {
  it("still gets the mark of what was typed there", async () => {
    const { write, run, slack, world, pbx } = await opened();
    world.lines = world.lines.map((line) => ({ ...line, to: line.to.filter(({ chat }) => chat !== SLACK.chat) }));
    const post = await write("slack", "Hi");
    await run();
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("still gets the reason, and the button, when what was typed there fails", async () => {
    const { write, run, press, slack, world, pbx, status } = await opened();
    const post = await write("slack", "Hi");
    await run();
    world.lines = world.lines.map((line) => ({ ...line, to: [] }));
    await status("failed", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("failed");
    expect(slack.lines().at(-1)).toMatch(/^SMS: Not delivered to .*The PBX reports/);
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual(["Hi", "Hi"]);
  });
});
