/** What is written and reaches no customer: notes, and what looks like a command until somebody decides. */
import { describe, expect, it } from "vitest";
import { opened } from "./opened.js";

describe("a note", () => {
  it("never leaves the team, is marked, and is shown in the other threads", async () => {
    const { write, run, pbx, slack, telegram } = await opened();
    const post = await write("slack", "  // she is a regular");
    await run();
    expect(pbx.words()).toEqual([]);
    expect(slack.marks.get(post)).toBe("note");
    expect(telegram.posted.at(-1)?.post).toMatchObject({ note: true, texts: [{ text: "she is a regular" }] });
  });

  it("that is edited is shown anew elsewhere, for every change of its words, below the copy as it was", async () => {
    const { write, edit, run, pbx, telegram } = await opened();
    const post = await write("slack", "// draft");
    await run();
    const copy = telegram.posted.at(-1)?.id;
    for (const words of ["// final", "// final", "// no", "// final"]) await edit("slack", post, words);
    await run();
    expect(telegram.lines().slice(2)).toEqual(["final", "no", "final"].map((text) => `Eve (Slack): (edited) ${text}`));
    expect(telegram.posted[2]?.post).toMatchObject({ note: true, about: copy });
    expect(pbx.words()).toEqual([]);
  });

  it("edited into a reply is asked about, elsewhere too it is no note any more; sent when somebody says so", async () => {
    const { write, edit, press, run, pbx, slack, telegram } = await opened();
    const post = await write("slack", "// he pays late");
    await run();
    const copy = telegram.posted.at(-1)?.id;
    await edit("slack", post, "Please pay");
    await run();
    expect(pbx.words()).toEqual([]);
    expect(slack.posted.at(-1)?.post).toMatchObject({
      texts: [{ text: "“Please pay”: This was a note, so nothing was sent. Send it as a text now?" }],
      choices: [{ action: "send" }, { action: "discard" }],
    });
    expect(slack.marks.get(post)).toBe("waiting");
    expect(telegram.lines().at(-1)).toBe(
      "SMS: Eve (Slack) changed a note to “Please pay”, and is asked there whether it is a text now. Nothing was sent.",
    );
    await press("slack", "send");
    await run();
    expect(pbx.words()).toEqual(["Please pay"]);
    expect(slack.marks.get(post)).toBe("sent");
    expect(telegram.lines()).toContain("Eve (Slack): Please pay");
    expect(copy && telegram.marks.get(copy)).toBe("ignored");
  });

  it("edited into a reply and not sent after all says so wherever the note was seen", async () => {
    const { write, edit, press, run, pbx, slack, telegram } = await opened();
    const post = await write("slack", "// he pays late");
    await run();
    await edit("slack", post, "Please pay");
    await run();
    await press("slack", "discard");
    await run();
    expect(pbx.words()).toEqual([]);
    expect(slack.marks.get(post)).toBe("ignored");
    expect(telegram.lines().at(-1)).toBe("SMS: “Please pay”: Eve did not send it.");
    await edit("slack", post, "Please pay now");
    await run();
    expect(pbx.words()).toEqual([]);
    expect(slack.posted.at(-1)?.post.choices).toMatchObject([{ action: "send" }, { action: "discard" }]);
  });

  it("that is deleted is said to be gone where its copies are", async () => {
    const { write, remove, run, telegram } = await opened();
    const post = await write("slack", "// she moved");
    await run();
    const copy = telegram.posted.at(-1)?.id;
    await remove("slack", post);
    await run();
    expect(telegram.posted.at(-1)?.post).toMatchObject({
      about: copy,
      texts: [{ text: "This note was deleted where it was written." }],
    });
    expect(copy && telegram.marks.get(copy)).toBe("ignored");
  });
});

describe("what looks like a command", () => {
  it("is held with a question; nothing is sent until somebody says so", async () => {
    const { write, press, run, pbx, slack, telegram } = await opened();
    const post = await write("slack", "/refund 5");
    await run();
    expect(pbx.words()).toEqual([]);
    expect(slack.posted.at(-1)?.post).toMatchObject({
      about: post,
      choices: [{ action: "send" }, { action: "discard" }],
    });
    await press("slack", "send");
    await run();
    expect(pbx.words()).toEqual(["/refund 5"]);
    expect(slack.marks.get(post)).toBe("sent");
    expect([...slack.settled.values()]).toEqual(["Eve sent it as a text."]);
    expect(telegram.lines()).toContain("Eve (Slack): /refund 5");
  });

  it("is held as well when it is said to the bot, and the question tells why", async () => {
    const { write, press, run, pbx, slack } = await opened();
    await write("slack", "@SMS what is this number?", { speaksTo: "bot" });
    await run();
    expect(pbx.words()).toEqual([]);
    expect(slack.lines().at(-1)).toContain("addressing the bot");
    await press("slack", "send");
    await run();
    expect(pbx.words()).toEqual(["@SMS what is this number?"]);
  });

  it("is held as well when it is said to a colleague, and the question names what makes it a note", async () => {
    const { write, run, pbx, slack } = await opened();
    await write("slack", "@Emma she is a pain, can you take this one?", { speaksTo: "colleagues" });
    await run();
    expect(pbx.words()).toEqual([]);
    expect(slack.lines().at(-1)).toMatch(/addressing a colleague.*begins with \/\/ is a note/);
  });

  it("is sent once however often the buttons are pressed", async () => {
    const { write, press, run, pbx } = await opened();
    await write("slack", "/refund 5");
    await run();
    await Promise.all([press("slack", "send"), press("slack", "send"), press("slack", "discard")]);
    await run();
    expect(pbx.words()).toEqual(["/refund 5"]);
  });

  it("is gone when discarded, from the store too", async () => {
    const { write, press, run, pbx, slack, store } = await opened();
    const post = await write("slack", "/refund 5");
    await run();
    await press("slack", "discard");
    await run();
    await press("slack", "send");
    await run();
    expect(pbx.words()).toEqual([]);
    expect(slack.marks.get(post)).toBe("ignored");
    expect(store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });

  it("is not sent by somebody who may not write", async () => {
    const { write, press, run, pbx } = await opened();
    await write("slack", "/refund 5");
    await run();
    await press("slack", "send", "guest");
    await run();
    expect(pbx.words()).toEqual([]);
    await press("slack", "send");
    await run();
    expect(pbx.words()).toEqual(["/refund 5"]);
  });
});
