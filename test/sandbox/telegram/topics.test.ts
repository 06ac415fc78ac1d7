import { describe, expect, test } from "vitest";
import { refusal, startForum, startTelegram } from "./harness.js";

describe("topics", () => {
  test("are opened with a name and one of six colours", async () => {
    const { emulator, api, chat } = await startForum();
    expect(await api.createForumTopic(chat, "Ann", { icon_color: 0xffd67e })).toEqual({
      message_thread_id: expect.any(Number),
      name: "Ann",
      icon_color: 0xffd67e,
    });
    expect(emulator.topics(chat).map((topic) => topic.name)).toEqual(["+1 555 010 0199", "Ann"]);
    const odd = { icon_color: 0x123456 as 0xffd67e };
    expect(await refusal(api.createForumTopic(chat, "x", odd))).toBe("400 Bad Request: invalid icon color specified");
    expect(await refusal(api.createForumTopic(chat, " "))).toBe("400 Bad Request: name must be non-empty");
  });

  test("have names of at most 128 units; longer ones are cut", async () => {
    const { api, chat } = await startForum();
    expect((await api.createForumTopic(chat, "x".repeat(200))).name).toHaveLength(128);
  });

  test("need a forum and the right to manage them", async () => {
    const { emulator, api, chat } = await startForum();
    const plain = emulator.addGroup({ title: "Plain", forum: false });
    expect(await refusal(api.createForumTopic(plain, "x"))).toBe("400 Bad Request: the chat is not a forum");
    emulator.takesRight(chat, "can_manage_topics");
    expect(await refusal(api.createForumTopic(chat, "x"))).toBe("400 Bad Request: not enough rights to create a topic");
  });

  test("are renamed, closed, opened again and deleted", async () => {
    const { emulator, api, chat, topic } = await startForum();
    await api.editForumTopic(chat, topic, { name: "Ann" });
    expect(await refusal(api.editForumTopic(chat, topic, { name: "Ann" }))).toBe("400 Bad Request: TOPIC_NOT_MODIFIED");
    await api.closeForumTopic(chat, topic);
    expect(await refusal(api.closeForumTopic(chat, topic))).toBe("400 Bad Request: TOPIC_NOT_MODIFIED");
    await api.reopenForumTopic(chat, topic);
    expect(emulator.messages(chat, topic).map((message) => message.kind)).toEqual([
      "forum_topic_created",
      "forum_topic_edited",
      "forum_topic_closed",
      "forum_topic_reopened",
    ]);
    await api.deleteForumTopic(chat, topic);
    expect(emulator.messages(chat)).toEqual([]);
    expect(await refusal(api.closeForumTopic(chat, topic))).toBe("400 Bad Request: TOPIC_ID_INVALID");
  });

  test("of others can be renamed and deleted with the right only", async () => {
    const { emulator, api, chat, user } = await startForum();
    const theirs = emulator.opensTopic(chat, user, "Lunch");
    emulator.takesRight(chat, "can_manage_topics");
    emulator.takesRight(chat, "can_delete_messages");
    expect(await refusal(api.editForumTopic(chat, theirs, { name: "x" }))).toBe(
      "400 Bad Request: not enough rights to edit the topic",
    );
    expect(await refusal(api.closeForumTopic(chat, theirs))).toBe(
      "400 Bad Request: not enough rights to close or open the topic",
    );
    expect(await refusal(api.deleteForumTopic(chat, theirs))).toBe(
      "400 Bad Request: not enough rights to delete the topic",
    );
  });
});

describe("writing into topics", () => {
  test("a deleted topic is not found, and nobody is told of the deletion", async () => {
    const { emulator, api, chat, topic } = await startForum();
    await api.getUpdates(0, 100, 0, undefined);
    emulator.deletesTopic(chat, topic);
    expect(await refusal(api.sendMessage(chat, "x", { message_thread_id: topic }))).toBe(
      "400 Bad Request: message thread not found",
    );
    expect(await api.getUpdates(0, 100, 0, undefined)).toHaveLength(1);
  });

  test("a closed topic takes messages of those who manage topics or opened it", async () => {
    const { emulator, api, chat, user, topic } = await startForum();
    const theirs = emulator.opensTopic(chat, user, "Lunch");
    emulator.closesTopic(chat, theirs);
    emulator.closesTopic(chat, topic);
    expect(await refusal(api.sendMessage(chat, "x", { message_thread_id: theirs }))).toBe("accepted");
    emulator.takesRight(chat, "can_manage_topics");
    expect(await refusal(api.sendMessage(chat, "x", { message_thread_id: topic }))).toBe("accepted");
    expect(await refusal(api.sendMessage(chat, "x", { message_thread_id: theirs }))).toBe(
      "400 Bad Request: TOPIC_CLOSED",
    );
    emulator.reopensTopic(chat, theirs);
    expect(await refusal(api.sendMessage(chat, "x", { message_thread_id: theirs }))).toBe("accepted");
  });

  test("a closed General stops answers that name no topic", async () => {
    const { emulator, api, chat, user, topic } = await startForum();
    const said = emulator.says(chat, user, "hello", { topic });
    emulator.takesRight(chat, "can_manage_topics");
    emulator.closesTopic(chat, 1);
    const reply_parameters = { message_id: said };
    expect(await refusal(api.sendMessage(chat, "x", { reply_parameters }))).toBe("400 Bad Request: TOPIC_CLOSED");
    expect(await refusal(api.sendMessage(chat, "x", { reply_parameters, message_thread_id: topic }))).toBe("accepted");
  });

  test("where there are no topics (any more) the id is ignored", async () => {
    const { emulator, api, chat, topic } = await startForum();
    emulator.turnsTopics(chat, false);
    const sent = await api.sendMessage(chat, "x", { message_thread_id: topic });
    expect(sent).not.toHaveProperty("message_thread_id");
  });
});

describe("topics in private chats", () => {
  test("exist for bots that have them switched on", async () => {
    const { emulator, api } = await startTelegram({ bot: { topicsInPrivateChats: true } });
    const chat = emulator.privateChat(emulator.addUser({ firstName: "Bo" }));
    expect(await api.getMe()).toMatchObject({ has_topics_enabled: true });
    const { message_thread_id } = await api.createForumTopic(chat, "Ann");
    expect(await api.sendMessage(chat, "x", { message_thread_id })).toMatchObject({ message_thread_id });
    expect(await refusal(api.closeForumTopic(chat, message_thread_id))).toBe(
      "400 Bad Request: the chat is not a supergroup forum",
    );
  });

  test("are refused for other bots", async () => {
    const { emulator, api } = await startTelegram();
    const chat = emulator.privateChat(emulator.addUser({ firstName: "Bo" }));
    expect(await refusal(api.createForumTopic(chat, "Ann"))).toBe("400 Bad Request: the chat is not a forum");
    expect(await refusal(api.sendMessage(chat, "x", { message_thread_id: 5 }))).toBe(
      "400 Bad Request: message thread not found",
    );
  });
});
