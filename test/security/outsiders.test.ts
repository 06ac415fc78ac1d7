/** Who is not of the team: neither their words nor their clicks leave it, in both platforms. */
import { describe, expect } from "vitest";
import { ALICE, test } from "../e2e/harness.js";

const SEND = { method: "POST", path: "/message/send/" } as const;

describe.concurrent("outsiders", () => {
  test("guests, people of other organisations and those who have left text nobody in Slack, nor by an edit", async ({
    open,
  }) => {
    const office = await open({ bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const people = [
      office.person({ name: "gina", displayName: "Gina", guest: "multi" }),
      office.person({ name: "gus", displayName: "Gus", guest: "single" }),
      office.person({ name: "otto", displayName: "Otto", team: "T0999999999" }),
      office.person({ name: "lena", displayName: "Lena", deactivated: true }),
    ];
    const said = people.map((person) => thread.says("words of an outsider", {}, person));
    await thread.holds(
      ...["Gina", "Gus", "Otto", "Lena"].map((name) => `${name}: words of an outsider :no_entry_sign:`),
    );
    for (const post of said) office.slack.edits(office.channel, post, "words of an outsider, changed");
    thread.says("words of a colleague");
    await thread.holds("Anna: words of a colleague :white_check_mark:");
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual(["words of a colleague"]);
  });

  test("their clicks in Slack decide nothing: neither Retry nor Send; a colleague's still do", async ({ open }) => {
    const office = await open({ bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const outsiders = [
      office.person({ name: "gina", displayName: "Gina", guest: "single" }),
      office.person({ name: "otto", displayName: "Otto", team: "T0999999999" }),
      office.person({ name: "lena", displayName: "Lena", deactivated: true }),
    ];
    office.pbx.fail({ kind: "status", code: 400, body: '{"message":"No credit left"}', times: 1, ...SEND });
    thread.says("the offer stands");
    thread.says("!hold");
    await thread.holds("Anna: the offer stands :x:", /^bot: Not delivered.*Retry$/);
    await thread.holds(/^bot: “!hold.*”: This looks like a command.*Don't send$/);
    for (const outsider of outsiders) {
      for (const { ts, blocks = [] } of office.slack.replies(office.channel, thread.id)) {
        const buttons = blocks.flatMap((block) =>
          block.type === "actions" ? (block["elements"] as { action_id: string }[]) : [],
        );
        for (const { action_id } of buttons) await office.slack.presses(office.channel, ts, action_id, outsider);
      }
    }
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual([]);
    await thread.holds(/^bot: Not delivered.*Retry$/);
    await thread.holds(/^bot: “!hold.*”: This looks like a command.*Don't send$/);
    await thread.presses("Retry");
    await thread.presses("Don't send");
    await office.contact(ALICE).gets("the offer stands");
  });

  test("in private chats with the bot only allowedUsers are heard; strangers get no answer, not even to commands", async ({
    open,
  }) => {
    const office = await open({
      bridge: (world) => ({ to: ["slack"], more: `      - telegram: ${world.telegram.privateChat(world.boris)}` }),
    });
    const chat = office.chat(office.boris);
    office.contact(ALICE).texts("hello there");
    await chat.holds(/hello there$/);
    const stranger = office.telegram.addUser({ firstName: "Mallory" });
    const theirs = office.telegram.privateChat(stranger);
    for (const words of ["/start", "/id", "/help", "hello", "// note"]) office.telegram.says(theirs, stranger, words);
    const post = chat.messages().find(({ text }) => text.endsWith("hello there"))?.id ?? 0;
    chat.says("from Boris", { replyTo: post });
    await office.contact(ALICE).gets("from Boris");
    await office.quiet();
    expect(office.telegram.messages(theirs).filter(({ from }) => from.isBot)).toEqual([]);
    expect(office.logs.filter((line) => line.includes("ignored an update")).length).toBeGreaterThanOrEqual(5);
  });

  test("in a group that is not in the config nobody is heard, and the bot says nothing but its ids", async ({
    open,
  }) => {
    const office = await open({ bridge: { to: ["telegram"] } });
    office.contact(ALICE).texts("hello there");
    await office.topic();
    const foreign = office.telegram.addGroup({ title: "Elsewhere", forum: false, botIsAdmin: true });
    const mallory = office.telegram.addUser({ firstName: "Mallory" });
    office.telegram.joins(foreign, mallory);
    const first = office.telegram.says(foreign, mallory, "to all");
    office.telegram.says(foreign, mallory, "an answer", { replyTo: first });
    (await office.topic()).says("done");
    await office.contact(ALICE).gets("done");
    await office.quiet();
    expect(office.telegram.messages(foreign).filter(({ from }) => from.isBot)).toEqual([]);
  });
});
