/** What people change or delete once its text has left. */
import { describe, expect, it } from "vitest";
import { GiveUp, RetryLater } from "../../src/errors.js";
import { opened } from "./opened.js";

const lost = () => new RetryLater("no answer", { uncertain: true });

describe("a change after the text is out", () => {
  it("is said to be too late, where it was made", async () => {
    const { write, edit, remove, run, pbx, slack, telegram } = await opened();
    const post = await write("slack", "first");
    await run();
    await edit("slack", post, "second");
    await run();
    expect(slack.lines().at(-1)).toMatch(/had already been sent; the contact still has “first”/);
    expect(slack.marks.get(post)).toBe("ignored");
    await remove("slack", post);
    await run();
    expect(slack.lines().at(-1)).toMatch(/does not take it back: the contact still has “first”/);
    expect(pbx.words()).toEqual(["first"]);
    expect(telegram.lines()).toHaveLength(2);
  });

  it("tells all that the contact has, however long it is: nothing else shows it any more", async () => {
    const { write, edit, run, slack } = await opened();
    const words = "The repair comes to, all included and with the new chain,\n$850 in total";
    const post = await write("slack", words);
    await run();
    await edit("slack", post, words.replace("850", "85"));
    await run();
    expect(slack.lines().at(-1)).toContain(`the contact still has “${words}”`);
  });

  it("leaves no sign that its words were sent, whatever the PBX reports later; taken back, the sign returns", async () => {
    const { write, edit, run, status, slack, telegram } = await opened();
    const post = await write("slack", "first");
    await run();
    await edit("slack", post, "second");
    await run();
    await status("sent", "first");
    await run();
    expect(slack.marks.get(post)).toBe("ignored");
    expect([...telegram.marks.values()]).toEqual(["sent"]);
    await edit("slack", post, "first");
    await run();
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("quotes nothing when the text is no longer kept, and says so", async () => {
    const { write, edit, run, slack, store } = await opened();
    const post = await write("slack", "first");
    await run(3_600_001);
    await store.sweep();
    await edit("slack", post, "second");
    await run();
    expect(slack.lines().at(-1)).toMatch(/still has the first version, whose words are no longer kept here/);
  });

  it("is too late when one part is out, also once that part is no longer kept", async () => {
    const { write, edit, run, pbx, slack, store } = await opened();
    const { send } = pbx.messages;
    let calls = 0;
    pbx.messages.send = (extension, text) =>
      (calls += 1) === 2 ? Promise.reject(new GiveUp("Refused.")) : send(extension, text);
    const words = "word ".repeat(30).trim();
    const post = await write("slack", words);
    await run(3_600_001);
    await store.sweep();
    await edit("slack", post, `${words}!`);
    await run(60_000);
    expect(pbx.words()).toHaveLength(1);
    expect(slack.lines().at(-1)).toMatch(/may have been sent already/);
  });

  it("is too late also while nobody knows whether it is out", async () => {
    const { write, edit, run, pbx, slack } = await opened();
    pbx.script.fail("send", lost(), "after");
    pbx.script.fail("list", new RetryLater("down", { afterMs: 5000 }));
    const post = await write("slack", "first");
    await run(2000);
    await edit("slack", post, "second");
    await run(60_000);
    expect(pbx.words()).toEqual(["first"]);
    expect(slack.lines().at(-1)).toMatch(/may have been sent already; .* gets “first”, if it arrives/);
    expect(slack.marks.get(post)).toBe("ignored");
  });

  it("of somebody else's post means nothing", async () => {
    const { edit, remove, run, slack, telegram, pbx } = await opened();
    const ours = slack.posted[0]?.id;
    if (ours === undefined) throw new Error("no post");
    await edit("slack", ours, "x");
    await remove("slack", ours);
    await remove("telegram", ours);
    await run();
    expect([...slack.lines(), ...telegram.lines(), ...pbx.words()]).toHaveLength(2);
  });
});
