/** Points 6 and 7: what people write that is no plain reply, what they change afterwards, and who is not of the team. */
import { describe, expect } from "vitest";
import { ALICE, test, type Office } from "./harness.js";

const SLACK = { bridge: { to: ["slack"] } } as const;

async function thread(office: Office) {
  office.contact(ALICE).texts("hello there");
  return office.slackThread();
}

describe.concurrent("people", () => {
  test("a note is marked, shown to the team in the other thread, and never texted", async ({ open }) => {
    const office = await open();
    const slack = await thread(office);
    const topic = await office.topic();
    slack.says("  // call her back");
    await slack.holds("Anna:   // call her back :memo:");
    await topic.holds("bot: 📝 Anna (Slack) / call her back");
    topic.says("// done already");
    await topic.holds("Boris: // done already ✍");
    await slack.holds(/^Boris \(Telegram\): 📝 done already$/);
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual([]);
  });

  test("what looks like a command is asked about, and texted or not as somebody decides", async ({ open }) => {
    const office = await open();
    const slack = await thread(office);
    const topic = await office.topic();
    slack.says("/refund all of it");
    await slack.holds(/^bot: “\/refund.*”: This looks like a command.* \/ Send as a text \/ Don't send$/);
    await slack.presses("Send as a text");
    await office.contact(ALICE).gets("/refund all of it");
    await slack.holds("Anna: /refund all of it :white_check_mark:", /Anna sent it as a text\.$/);
    await topic.holds("bot: Anna (Slack) / /refund all of it 👌");

    topic.says("!close now");
    await topic.presses("Don't send");
    await topic.holds("Boris: !close now 🤷", /Boris did not send it\./);
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual(["/refund all of it"]);
  });

  test("files are answered with a visible note, and the words beside them go out", async ({ open }) => {
    const office = await open();
    const slack = await thread(office);
    const topic = await office.topic();
    slack.says("the offer", { files: [{ name: "offer.pdf", mimetype: "application/pdf" }] });
    await slack.holds("Anna: the offer :white_check_mark:", /^bot: .*Not sent: offer\.pdf\./);
    topic.says("", { photo: true });
    await topic.holds(/^bot: .*a text can carry no files\. Not sent: .*photo/);
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual(["the offer"]);
  });

  test("an edit or a deletion after sending is explained in the thread, and nothing more is sent", async ({ open }) => {
    const office = await open();
    const slack = await thread(office);
    const topic = await office.topic();
    const said = slack.says("at five");
    await slack.holds("Anna: at five :white_check_mark:");
    office.slack.unfurls(office.channel, said);
    office.slack.edits(office.channel, said, "at six");
    await slack.holds(
      "Anna: at six :no_entry_sign:",
      /^bot: The text had already been sent; the contact still has “at five”\. Send a correction/,
    );
    office.slack.removes(office.channel, said);
    await slack.holds(/^bot: The text had already been sent; deleting it here .*the contact still has “at five”/);
    const told = topic.says("at seven");
    await topic.holds("Boris: at seven 👌");
    office.telegram.edits(office.group, told, "at eight");
    await topic.holds("Boris: at eight 🤷", /^bot: The text had already been sent; the contact still has “at seven”/);
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual(["at five", "at seven"]);
  });

  test("with undoSeconds, what is edited or deleted in time reaches the contact as it is in the end, or not at all", async ({
    open,
  }) => {
    const office = await open({ bridge: { more: "inbox: { undoSeconds: 2 }" } });
    const slack = await thread(office);
    const topic = await office.topic();
    const first = slack.says("at fife");
    const second = slack.says("you idiot");
    const third = slack.says("see you");
    office.slack.edits(office.channel, first, "at five");
    office.slack.removes(office.channel, second);
    await office.eventually(() => expect(office.contact(ALICE).got().toSorted()).toEqual(["at five", "see you"]));
    await slack.holds("Anna: at five :white_check_mark:", "Anna: see you :white_check_mark:");
    await slack.holds(/^bot: Anna \(Slack\) took a text back before it was sent: “.*”\.$/);
    await topic.holds("bot: Anna (Slack) / see you 👌");
    await topic.holds("bot: Anna (Slack) / at five 👌");
    expect(topic.lines().join()).not.toContain("idiot");
    expect(office.slack.message(office.channel, third)).toBeDefined();
  });

  test("guests, people of other organisations and other bots cannot text a contact; the people are told why", async ({
    open,
  }) => {
    const office = await open(SLACK);
    const slack = await thread(office);
    const gina = office.person({ name: "gina", displayName: "Gina", guest: "multi" });
    const otto = office.person({ name: "otto", displayName: "Otto", team: "T0999999999" });
    const robot = office.person({ name: "robot", displayName: "Robot", bot: true });
    slack.says("words of a guest", {}, gina);
    slack.says("words of an outsider", {}, otto);
    slack.says("words of a bot", {}, robot);
    await slack.holds("Gina: words of a guest :no_entry_sign:");
    await slack.holds("Otto: words of an outsider :no_entry_sign:");
    await slack.holds(/^bot: Not sent: .*guest/);
    await slack.holds(/^bot: Not sent: .*organisation/);
    slack.says("words of a colleague");
    await slack.holds("Anna: words of a colleague :white_check_mark:");
    expect(office.contact(ALICE).got()).toEqual(["words of a colleague"]);
  });

  test("what people say to each other outside of threads is nobody's business", async ({ open }) => {
    const office = await open();
    const slack = await thread(office);
    const topic = await office.topic();
    await topic.reads("bot: hello there");
    office.slack.says(office.channel, office.anna, "lunch, anyone?");
    office.telegram.says(office.group, office.boris, "who has the keys?");
    slack.says("the last word");
    await slack.holds("Anna: the last word :white_check_mark:");
    await topic.reads("bot: hello there", "bot: Anna (Slack) / the last word 👌");
    expect(office.contact(ALICE).got()).toEqual(["the last word"]);
  });

  test("the slash command says that the bridge is there", async ({ open }) => {
    const office = await open(SLACK);
    expect(await office.slack.command(office.anna, office.channel, "/sms")).toBe(true);
    expect(office.slack.ephemerals(office.channel)).toHaveLength(1);
  });
});
