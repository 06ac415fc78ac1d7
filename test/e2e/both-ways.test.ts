/** Points 2, 3, 6, 7 and 8: a text becomes a thread, a reply becomes a text, and nobody's words end up with somebody else. */
import { describe, expect } from "vitest";
import { ALICE, BOB, test } from "./harness.js";

describe.concurrent("both ways", () => {
  test("a text opens a thread with the contact's card in both places, and stands in it under the contact's name", async ({
    open,
  }) => {
    const office = await open();
    office.contact(ALICE).texts("Is my <car> ready & washed? *today*");
    const thread = await office.slackThread();
    await thread.reads("+1 201 555 0123: Is my <car> ready & washed? *today*");
    const topic = await office.topic();
    await topic.reads("bot: Is my <car> ready & washed? *today*");
    expect(topic.messages().map(({ text }) => text)).toEqual([`${ALICE}\nIs my <car> ready & washed? *today*`]);

    expect(thread.root().text).toBe("+1 201 555 0123 (Sales · +1 201 555 0100)");
    const [reply] = office.slack.replies(office.channel, thread.id);
    expect(reply?.icons).toHaveProperty("emoji");
    await office.eventually(() => {
      const card = office.telegram.messages(office.group, topic.id).find(({ pinned }) => pinned);
      expect(card?.text).toContain(`${ALICE} · Sales · ${office.did}`);
    });
    expect(office.telegram.topics(office.group).map(({ name }) => name)).toEqual([`${ALICE} · Sales`]);
  });

  test("a reply leaves from the number that was texted, is marked in place, and shows in the other thread with its author", async ({
    open,
  }) => {
    const office = await open();
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const topic = await office.topic();
    await topic.reads("bot: hello there");
    thread.says("Hi *you* <3, see https://x.example & :smile:");
    await office.contact(ALICE).gets("Hi you <3, see https://x.example & 😄");
    await thread.reads(
      "+1 201 555 0123: hello there",
      "Anna: Hi you <3, see https://x.example & 😄 :white_check_mark:",
    );
    await topic.reads("bot: hello there", "bot: Anna (Slack) / Hi you <3, see https://x.example & 😄 👌");

    topic.says("from Telegram");
    await thread.holds("Boris (Telegram): from Telegram :white_check_mark:");
    await topic.holds("Boris: from Telegram 👌");
    const [first, second] = office.pbx.sentTexts();
    expect([first?.did, first?.contact, second?.did]).toEqual([office.did, ALICE, office.did]);
  });

  test("a note in italics stays in the team, whatever stands in it, and what only looks like styles goes out", async ({
    open,
  }) => {
    const office = await open({ bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    thread.says("_// he owes us, see order_id 5_");
    thread.says("Your code is a*b*c_d_");
    await office.contact(ALICE).gets("Your code is a*b*c_d_");
    expect(office.contact(ALICE).got()).toHaveLength(1);
  });

  test("a reply that is also sent to the channel goes out once", async ({ open }) => {
    const office = await open({ bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    thread.says("for all of you", { broadcast: true });
    await thread.holds("Anna: for all of you :white_check_mark:");
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual(["for all of you"]);
    expect(office.slack.messages(office.channel)).toHaveLength(2);
  });

  test("two contacts and two of our numbers are four conversations, and each answer leaves from its own number", async ({
    open,
  }) => {
    const second = "+12015550101";
    const office = await open({
      bridge: (world) => ({
        to: ["slack"],
        more: `  - { name: Support, extension: 1234, did: "${second}", to: [{ slack: ${world.channel} }] }`,
      }),
      before: ({ pbx, did }) => pbx.addExtension({ id: 1234, name: "100*101", dids: [did, second] }),
    });
    const pairs = [ALICE, BOB].flatMap((contact) => [office.did, second].map((did) => ({ contact, did })));
    for (const { contact, did } of pairs) office.contact(contact).texts(`from ${contact} to ${did}`, did);
    for (const { contact, did } of pairs) {
      const thread = await office.slackThread(contact, { did });
      await thread.holds(new RegExp(`: from \\${contact} to \\${did}$`));
      thread.says(`${contact} asked ${did}`);
      await thread.holds(/ asked .* :white_check_mark:$/);
      expect(thread.lines()).toHaveLength(2);
    }
    const sent = office.pbx.sentTexts().map(({ did, contact, text }) => ({ did, contact, text }));
    expect(sent).toEqual(pairs.map(({ did, contact }) => ({ did, contact, text: `${contact} asked ${did}` })));
  });

  test("a text of the same words twice shows twice, and a long one whole", async ({ open }) => {
    const office = await open();
    const long = Array.from({ length: 900 }, (_, index) => `word${index}`).join(" ");
    office.contact(ALICE).texts("yes please");
    const thread = await office.slackThread();
    await thread.holds("+1 201 555 0123: yes please");
    office.contact(ALICE).texts("yes please");
    await thread.reads("+1 201 555 0123: yes please", "+1 201 555 0123: yes please");
    office.contact(ALICE).texts(long);
    await office.eventually(() => {
      const parts = thread
        .lines()
        .slice(2)
        .map((line) => line.replace("+1 201 555 0123: ", ""));
      expect(parts.join("")).toBe(long);
    });
    const topic = await office.topic();
    // Telegram takes spaces at the end of a message away.
    await office.eventually(() =>
      expect(
        topic
          .lines()
          .map((line) => line.replace("bot: ", ""))
          .join(" "),
      ).toContain(long),
    );
  });

  test("a long reply is several texts in order, none of them cut in a character", async ({ open }) => {
    const office = await open({ bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const long = `${"👩‍👩‍👧 ".repeat(100)}${"x".repeat(2000)}`;
    thread.says(long);
    await thread.holds(/ :white_check_mark:$/);
    const texts = office.contact(ALICE).got();
    expect(texts.join("")).toBe(long);
    expect(texts.every((text) => text.length <= 1600)).toBe(true);
    expect(texts.length).toBeGreaterThan(1);
  });
});
