import { describe, expect, test } from "vitest";
import { HOUR, call, refusal, startForum, startTelegram } from "./harness.js";

const NOT_MODIFIED =
  "400 Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

describe("sending", () => {
  test("a message comes back as Telegram shows it, with what it found in the text", async () => {
    const { emulator, api, chat, topic } = await startForum();
    const sent = await api.sendMessage(chat, "Ann: see example.com", {
      message_thread_id: topic,
      entities: [{ type: "bold", offset: 0, length: 4 }],
      disable_notification: true,
      link_preview_options: { is_disabled: true },
    });
    expect(sent).toMatchObject({
      from: { id: emulator.bot.id, is_bot: true, username: emulator.bot.username },
      chat: { id: chat, type: "supergroup", title: "Sales", is_forum: true },
      date: Date.UTC(2026, 0, 15, 9) / 1000,
      message_thread_id: topic,
      is_topic_message: true,
      text: "Ann: see example.com",
      entities: [
        { type: "bold", offset: 0, length: 4 },
        { type: "url", offset: 9, length: 11 },
      ],
      reply_to_message: { message_id: topic, forum_topic_created: { name: "+1 555 010 0199" } },
    });
    expect(emulator.messages(chat, topic).at(-1)).toMatchObject({
      id: sent.message_id,
      from: { isBot: true },
      silent: true,
      linkPreview: false,
      entities: [{ type: "bold", offset: 0, length: 4 }],
      rendered: [
        { text: "Ann:", styles: ["bold"] },
        { text: " see ", styles: [], detected: [] },
        { text: "example.com", styles: [], detected: ["url"] },
      ],
    });
  });

  test.each([
    [{ text: "" }, "400 Bad Request: message text is empty"],
    [{ text: "x".repeat(4097) }, "400 Bad Request: message is too long"],
    [
      { text: "<b>x", parse_mode: "HTML" },
      `400 Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`,
    ],
    [{ text: "*x*", parse_mode: "MarkdownV3" }, "400 Bad Request: unsupported parse_mode"],
    [
      { text: "x", entities: [{ type: "loud", offset: 0, length: 1 }] },
      "400 Bad Request: can't parse MessageEntity: Unsupported type specified",
    ],
    [
      { text: "x", entities: [{ type: "bold", length: 1 }] },
      `400 Bad Request: can't parse MessageEntity: Can't find field "offset"`,
    ],
    [{ text: "x", reply_parameters: { message_id: 999 } }, "400 Bad Request: message to be replied not found"],
    [
      { text: "x", reply_markup: { inline_keyboard: [[{ text: "A", callback_data: "é".repeat(33) }]] } },
      "400 Bad Request: BUTTON_DATA_INVALID",
    ],
    [
      { text: "x", reply_markup: { inline_keyboard: [[{ text: "A" }]] } },
      "400 Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ],
    [{ text: "x", reply_markup: "{" }, "400 Bad Request: can't parse reply keyboard markup JSON object"],
    [{ text: "x", message_thread_id: 1 }, "400 Bad Request: message thread not found"],
    [{ text: "x", message_thread_id: 4711 }, "400 Bad Request: message thread not found"],
    [{ text: "x", chat_id: -100999 }, "400 Bad Request: chat not found"],
    [{ text: "x", chat_id: "" }, "400 Bad Request: chat_id is empty"],
  ])("%j is refused", async (params, description) => {
    const { emulator, chat } = await startForum();
    const answer = await call(emulator, "sendMessage", { chat_id: chat, ...params });
    expect(answer.ok ? "accepted" : `${answer.error_code} ${answer.description}`).toBe(description);
    expect(emulator.messages(chat)).toHaveLength(1);
  });

  test("an answer to a message that is gone is sent if that is allowed", async () => {
    const { api, chat, topic } = await startForum();
    const reply_parameters = { message_id: 999, allow_sending_without_reply: true };
    const sent = await api.sendMessage(chat, "x", { message_thread_id: topic, reply_parameters });
    expect(sent).toMatchObject({ reply_to_message: { message_id: topic } });
  });

  test("an answer without a topic goes where the message it answers lies", async () => {
    const { emulator, api, chat, topic, user } = await startForum();
    const said = emulator.says(chat, user, "hello", { topic });
    const sent = await api.sendMessage(chat, "hi", { reply_parameters: { message_id: said } });
    expect(sent).toMatchObject({ message_thread_id: topic, reply_to_message: { message_id: said } });
  });

  test("an answer from another topic shows the message as an outside one", async () => {
    const { emulator, api, chat, topic, user } = await startForum();
    const said = emulator.says(chat, user, "hello");
    const sent = await api.sendMessage(chat, "hi", {
      message_thread_id: topic,
      reply_parameters: { message_id: said },
    });
    expect(sent).toMatchObject({ external_reply: { message_id: said } });
    expect(sent).not.toHaveProperty("reply_to_message");
  });

  test("forms and query strings are as good as JSON", async () => {
    const { emulator, chat } = await startForum();
    const markup = JSON.stringify({ inline_keyboard: [[{ text: "Retry", callback_data: "retry" }]] });
    const url = `${emulator.apiUrl}/bot${emulator.botToken}/SENDMESSAGE`;
    const form = new URLSearchParams({ chat_id: String(chat), text: "one", reply_markup: markup });
    await fetch(url, { method: "POST", body: form });
    await fetch(`${url}?chat_id=${chat}&text=two`);
    expect(emulator.messages(chat, 1)).toMatchObject([
      { text: "one", buttons: [[{ text: "Retry", callback_data: "retry" }]] },
      { text: "two", buttons: [] },
    ]);
  });
});

describe("editing", () => {
  test("new words replace the old, and a keyboard that is not sent again is gone", async () => {
    const { emulator, api, chat, pass } = await startForum();
    const reply_markup = { inline_keyboard: [[{ text: "Retry", callback_data: "retry" }]] };
    const { message_id } = await api.sendMessage(chat, "failed", { reply_markup });
    pass(5000);
    expect(await api.editMessageText(chat, message_id, undefined, "sent")).toMatchObject({
      text: "sent",
      edit_date: expect.any(Number),
    });
    expect(emulator.messages(chat, 1)).toMatchObject([{ text: "sent", buttons: [] }]);
  });

  test("an edit that changes nothing is refused", async () => {
    const { api, chat } = await startForum();
    const reply_markup = { inline_keyboard: [[{ text: "Retry", callback_data: "retry" }]] };
    const { message_id } = await api.sendMessage(chat, "same", { reply_markup });
    expect(await refusal(api.editMessageText(chat, message_id, undefined, "same", { reply_markup }))).toBe(
      NOT_MODIFIED,
    );
    expect(await refusal(api.editMessageReplyMarkup(chat, message_id, undefined, reply_markup))).toBe(NOT_MODIFIED);
    expect(await refusal(api.editMessageReplyMarkup(chat, message_id, undefined, undefined))).toBe("accepted");
  });

  test("messages of others and messages that are not there cannot be edited", async () => {
    const { emulator, api, chat, user } = await startForum();
    const theirs = emulator.says(chat, user, "mine");
    expect(await refusal(api.editMessageText(chat, theirs, undefined, "x"))).toBe(
      "400 Bad Request: message can't be edited",
    );
    expect(await refusal(api.editMessageText(chat, 999, undefined, "x"))).toBe(
      "400 Bad Request: message to edit not found",
    );
  });
});

describe("deleting", () => {
  test("within 48 hours: a bot's right to delete anything ends with them", async () => {
    const { emulator, api, chat, user, pass } = await startForum();
    const own = await api.sendMessage(chat, "old");
    const theirs = emulator.says(chat, user, "theirs");
    emulator.takesRight(chat, "can_delete_messages");
    expect(await refusal(api.deleteMessage(chat, theirs))).toBe("400 Bad Request: message can't be deleted");
    emulator.givesRight(chat, "can_delete_messages");
    expect(await api.deleteMessage(chat, theirs)).toBe(true);
    expect(await refusal(api.deleteMessage(chat, theirs))).toBe("400 Bad Request: message to delete not found");
    pass(48 * HOUR);
    expect(await refusal(api.deleteMessage(chat, own.message_id))).toBe(
      "400 Bad Request: message can't be deleted for everyone",
    );
  });

  test("a topic's first message stays", async () => {
    const { api, chat, topic } = await startForum();
    expect(await refusal(api.deleteMessage(chat, topic))).toBe("400 Bad Request: message can't be deleted");
  });
});

describe("reacting", () => {
  test("one listed emoji at a time, and none takes it back", async () => {
    const { emulator, api, chat, user } = await startForum();
    const said = emulator.says(chat, user, "hello");
    const react = (...emoji: string[]) =>
      call(emulator, "setMessageReaction", {
        chat_id: chat,
        message_id: said,
        reaction: emoji.map((one) => ({ type: "emoji", emoji: one })),
      });
    await api.setMessageReaction(chat, said, [{ type: "emoji", emoji: "👌" }]);
    await react("✍️");
    expect(emulator.messages(chat, 1)[0]?.reactions).toEqual([{ emoji: "✍", by: emulator.bot.id }]);
    expect(await react("✅")).toMatchObject({ error_code: 400, description: "Bad Request: REACTION_INVALID" });
    expect(await react("👌", "👎")).toMatchObject({ description: "Bad Request: REACTIONS_TOO_MANY" });
    await react();
    expect(emulator.messages(chat, 1)[0]?.reactions).toEqual([]);
    expect(await refusal(api.setMessageReaction(chat, 999, []))).toBe("400 Bad Request: message to react not found");
  });
});

describe("pinning", () => {
  test("leaves a service message in the topic, which the bot hears about itself", async () => {
    const { emulator, api, chat, topic } = await startForum();
    const { message_id } = await api.sendMessage(chat, "card", { message_thread_id: topic });
    await api.pinChatMessage(chat, message_id, { disable_notification: true });
    await api.pinChatMessage(chat, message_id);
    expect(emulator.messages(chat, topic)).toMatchObject([
      { kind: "forum_topic_created" },
      { text: "card", pinned: true },
      { kind: "pinned_message", silent: true },
    ]);
    const updates = await api.getUpdates(0, 100, 0, undefined);
    expect(updates.at(-1)).toMatchObject({
      message: {
        message_thread_id: topic,
        pinned_message: { message_id, text: "card" },
        from: { id: emulator.bot.id },
      },
    });
    await api.unpinChatMessage(chat);
    expect(await refusal(api.unpinChatMessage(chat))).toBe("400 Bad Request: message to unpin not found");
  });

  test("needs the right", async () => {
    const { emulator, api, chat } = await startForum();
    const { message_id } = await api.sendMessage(chat, "card");
    emulator.takesRight(chat, "can_pin_messages");
    expect(await refusal(api.pinChatMessage(chat, message_id))).toBe(
      "400 Bad Request: not enough rights to manage pinned messages in the chat",
    );
  });
});

test("a message of a private chat is shown with the person's names", async () => {
  const { emulator, api } = await startTelegram();
  const user = emulator.addUser({ firstName: "Bo", lastName: "Li", username: "bo_li_1" });
  const chat = emulator.privateChat(user);
  expect(await api.sendMessage(chat, "hi")).toMatchObject({
    chat: { id: user, type: "private", first_name: "Bo", last_name: "Li", username: "bo_li_1" },
  });
});
