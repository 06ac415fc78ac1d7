import { describe, expect, test, vi } from "vitest";
import { HOUR, call, refusal, resultOf, startForum, startTelegram } from "./harness.js";

describe("polling", () => {
  test("hands an update out until a later one is asked for", async () => {
    const { emulator, api, chat, user } = await startForum();
    emulator.says(chat, user, "one");
    emulator.says(chat, user, "two");
    const first = await api.getUpdates(0, 100, 0, undefined);
    expect(await api.getUpdates(0, 100, 0, undefined)).toEqual(first);
    const ids = first.map((update) => update.update_id);
    expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
    expect(await api.getUpdates(0, 1, ids[1] ?? 0, undefined)).toEqual(first.slice(1, 2));
    expect(await api.getUpdates(0, 100, -1, undefined)).toEqual(first.slice(-1));
    expect(await api.getUpdates(0, 100, 0, undefined)).toEqual(first.slice(-1));
    expect(await api.getUpdates(0, 100, (ids.at(-1) ?? 0) + 1, undefined)).toEqual([]);
  });

  test("waits for the first update", async () => {
    const { emulator, api, chat, user } = await startForum();
    const { length } = await api.getUpdates(0, 100, 0, undefined);
    const offset = ((await api.getUpdates(0, 100, 0, undefined))[0]?.update_id ?? 0) + length;
    const waiting = api.getUpdates(50, 100, offset, undefined);
    await vi.waitFor(() => expect(emulator.isPolled()).toBe(true));
    emulator.says(chat, user, "hello");
    expect(await waiting).toMatchObject([{ message: { text: "hello", from: { id: user, username: "ann_tester" } } }]);
  });

  test("ends the earlier of two waiting polls with a conflict", async () => {
    const { emulator, api } = await startTelegram();
    const first = refusal(api.getUpdates(50, 100, 0, undefined));
    await vi.waitFor(() => expect(emulator.isPolled()).toBe(true));
    const second = refusal(api.getUpdates(50, 100, 0, undefined));
    expect(await first).toBe(
      "409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    );
    await vi.waitFor(() => expect(emulator.isPolled()).toBe(true));
    emulator.revokeToken();
    expect(await second).toBe("401 Unauthorized");
  });

  test("loses a message after a day and a pressed button after 150 seconds", async () => {
    const { emulator, api, chat, user, pass } = await startForum();
    const reply_markup = { inline_keyboard: [[{ text: "Retry", callback_data: "retry" }]] };
    const { message_id } = await api.sendMessage(chat, "failed", { reply_markup });
    emulator.presses(chat, message_id, "retry", user);
    const kinds = async () => (await api.getUpdates(0, 100, 0, undefined)).flatMap((update) => Object.keys(update)[1]);
    expect(await kinds()).toEqual(["message", "callback_query"]);
    pass(150_000);
    expect(await kinds()).toEqual(["message"]);
    pass(24 * HOUR);
    expect(await kinds()).toEqual([]);
  });

  test("reactions come only if asked for and only to administrators; the choice is remembered", async () => {
    const { emulator, api, chat, user } = await startForum();
    const said = emulator.says(chat, user, "hello");
    emulator.reacts(chat, said, user, "👍");
    await api.getUpdates(0, 100, 0, ["message_reaction"]);
    emulator.reacts(chat, said, user, "🔥");
    emulator.says(chat, user, "not asked for");
    await api.getUpdates(0, 100, 0, undefined);
    emulator.demotesBot(chat);
    emulator.reacts(chat, said, user);
    const updates = await resultOf(call(emulator, "getUpdates"));
    expect(updates.flatMap((update) => update.message_reaction ?? [])).toMatchObject([
      {
        message_id: said,
        user: { id: user },
        old_reaction: [{ type: "emoji", emoji: "👍" }],
        new_reaction: [{ type: "emoji", emoji: "🔥" }],
      },
    ]);
    expect(updates.at(-1)).toHaveProperty("message_reaction");
  });
});

describe("what the bot hears", () => {
  test("of topics: everything but its own words", async () => {
    const { emulator, api, chat, user, topic } = await startForum();
    await api.sendMessage(chat, "own words", { message_thread_id: topic });
    emulator.says(chat, user, "in the topic", { topic });
    const general = emulator.says(chat, user, "in General");
    const answer = emulator.says(chat, user, "an answer there", { replyTo: general });
    emulator.closesTopic(chat, topic);
    emulator.reopensTopic(chat, topic);
    emulator.renamesTopic(chat, topic, "Ann");
    const messages = (await resultOf(call(emulator, "getUpdates"))).map((update) => update.message);
    expect(messages).toMatchObject([
      { message_id: topic, forum_topic_created: { name: "+1 555 010 0199" }, is_topic_message: true },
      { text: "in the topic", message_thread_id: topic, reply_to_message: { message_id: topic } },
      { message_id: general, text: "in General" },
      { message_id: answer, message_thread_id: general, reply_to_message: { message_id: general } },
      { forum_topic_closed: {}, message_thread_id: topic },
      { forum_topic_reopened: {} },
      { forum_topic_edited: { name: "Ann" } },
    ]);
    expect(messages[2]).not.toHaveProperty("message_thread_id");
    expect(messages[3]).not.toHaveProperty("is_topic_message");
  });

  test("of files: their kinds, with the text as caption", async () => {
    const { emulator, chat, user } = await startForum();
    emulator.says(chat, user, "look at a.io", { photo: true });
    emulator.says(chat, user, "", { document: "offer.pdf" });
    emulator.says(chat, user, "", { voice: 7 });
    emulator.says(chat, user, "", { sticker: "👍" });
    const updates = await resultOf(call(emulator, "getUpdates"));
    expect(updates.slice(1).map((update) => update.message)).toMatchObject([
      { photo: [{ file_id: expect.any(String) }], caption: "look at a.io", caption_entities: [{ type: "url" }] },
      { document: { file_name: "offer.pdf" } },
      { voice: { duration: 7 } },
      { sticker: { emoji: "👍" } },
    ]);
    expect(emulator.messages(chat, 1).map((message) => message.kind)).toEqual([
      "photo",
      "document",
      "voice",
      "sticker",
    ]);
  });

  test("of edits, also without a visible change; of deletions nothing", async () => {
    const { emulator, chat, user } = await startForum();
    const said = emulator.says(chat, user, "helo");
    emulator.edits(chat, said, "hello");
    emulator.edits(chat, said, "hello");
    emulator.deletesMessage(chat, said);
    const updates = await resultOf(call(emulator, "getUpdates"));
    expect(updates.slice(1)).toMatchObject([
      { message: { text: "helo" } },
      { edited_message: { text: "hello", edit_date: expect.any(Number) } },
      { edited_message: { text: "hello" } },
    ]);
    expect(updates).toHaveLength(4);
  });

  test("with privacy mode: commands, mentions and answers to itself", async () => {
    const { emulator, api } = await startTelegram({ bot: { readsAllGroupMessages: false, username: "desk_bot" } });
    const chat = emulator.addGroup({ title: "Sales", forum: false, botIsAdmin: false });
    const user = emulator.addUser({ firstName: "Ann" });
    const { message_id } = await api.sendMessage(chat, "question");
    emulator.says(chat, user, "among us");
    emulator.says(chat, user, "/help");
    emulator.says(chat, user, "/help@desk_bot");
    emulator.says(chat, user, "/help@other_bot");
    emulator.says(chat, user, "hey @desk_bot");
    emulator.says(chat, user, "answer", { replyTo: message_id });
    emulator.promotesBot(chat);
    emulator.says(chat, user, "to all");
    const texts = (await resultOf(call(emulator, "getUpdates"))).flatMap((update) => update.message?.text ?? []);
    expect(texts).toEqual(["/help", "/help@desk_bot", "hey @desk_bot", "answer", "to all"]);
    expect(await api.getMe()).toMatchObject({ can_read_all_group_messages: false });
  });
});

describe("buttons", () => {
  test("a press is answered once, within 150 seconds", async () => {
    const { emulator, api, chat, user, pass } = await startForum();
    const reply_markup = { inline_keyboard: [[{ text: "Retry", callback_data: "retry" }]] };
    const { message_id } = await api.sendMessage(chat, "failed", { reply_markup });
    const press = emulator.presses(chat, message_id, "retry", user);
    const late = emulator.presses(chat, message_id, "retry", user);
    expect((await resultOf(call(emulator, "getUpdates")))[1]).toMatchObject({
      callback_query: { id: press.id, from: { id: user }, data: "retry", message: { message_id, text: "failed" } },
    });
    await api.answerCbQuery(press.id, "On its way", { show_alert: true });
    expect(await press.answered).toEqual({ text: "On its way", showAlert: true });
    const TOO_OLD = "400 Bad Request: query is too old and response timeout expired or query ID is invalid";
    expect(await refusal(api.answerCbQuery(press.id))).toBe(TOO_OLD);
    pass(150_000);
    expect(await refusal(api.answerCbQuery(late.id))).toBe(TOO_OLD);
    expect(() => emulator.presses(chat, message_id, "other", user)).toThrow("no a button");
  });
});
