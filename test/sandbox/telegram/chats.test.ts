import { describe, expect, test } from "vitest";
import { call, refusal, resultOf, startForum, startTelegram } from "./harness.js";

describe("chats", () => {
  test("are described with their topics, members and administrators", async () => {
    const { emulator, api, chat, user } = await startForum();
    emulator.says(chat, user, "hello");
    expect(emulator.people()).toEqual([
      { id: emulator.owner, name: "Olivia Owner" },
      { id: user, name: "Ann", username: "ann_tester" },
    ]);
    expect(emulator.chats()).toEqual([
      { id: chat, type: "supergroup", title: "Sales", forum: true, bot: "administrator" },
    ]);
    expect(await api.getChat(chat)).toMatchObject({ id: chat, type: "supergroup", is_forum: true, title: "Sales" });
    expect(await api.getChatMember(chat, user)).toMatchObject({ status: "member", user: { id: user } });
    expect(await api.getChatMember(chat, emulator.bot.id)).toMatchObject({
      status: "administrator",
      can_manage_topics: true,
    });
    emulator.takesRight(chat, "can_manage_topics");
    expect(await api.getChatAdministrators(chat)).toMatchObject([
      { status: "creator", user: { id: emulator.owner } },
      { status: "administrator", user: { id: emulator.bot.id }, can_manage_topics: false },
    ]);
    expect(await refusal(api.getChatMember(chat, 0))).toBe("400 Bad Request: invalid user_id specified");
    expect(await refusal(api.getChat(-100999))).toBe("400 Bad Request: chat not found");
  });

  test("with people begin when they press Start", async () => {
    const { emulator, api } = await startTelegram();
    const group = emulator.addGroup({ title: "Sales", forum: false });
    const user = emulator.addUser({ firstName: "Bo" });
    expect(await refusal(api.sendMessage(user, "x"))).toBe("400 Bad Request: chat not found");
    emulator.says(group, user, "hello");
    expect(await refusal(api.sendMessage(user, "x"))).toBe(
      "403 Forbidden: bot can't initiate conversation with a user",
    );
    emulator.privateChat(user);
    expect(await refusal(api.sendMessage(user, "x"))).toBe("accepted");
    const updates = await resultOf(call(emulator, "getUpdates"));
    expect(updates.at(-1)).toMatchObject({ message: { text: "/start", entities: [{ type: "bot_command" }] } });
  });

  test("are closed to a bot that was blocked, until it is unblocked", async () => {
    const { emulator, api } = await startTelegram();
    const user = emulator.addUser({ firstName: "Bo" });
    const chat = emulator.privateChat(user);
    emulator.blocksBot(user);
    expect(await refusal(api.sendMessage(chat, "x"))).toBe("403 Forbidden: bot was blocked by the user");
    emulator.unblocks(user);
    expect(await refusal(api.sendMessage(chat, "x"))).toBe("accepted");
    const updates = await resultOf(call(emulator, "getUpdates"));
    expect(updates.flatMap((update) => update.my_chat_member?.new_chat_member.status ?? [])).toEqual([
      "kicked",
      "member",
    ]);
  });

  test("are closed to a bot that was removed or has left", async () => {
    const { emulator, api, chat } = await startForum();
    emulator.kicksBot(chat);
    expect(await refusal(api.sendMessage(chat, "x"))).toBe("403 Forbidden: bot was kicked from the supergroup chat");
    emulator.addsBot(chat);
    expect(await refusal(api.createForumTopic(chat, "x"))).toBe("400 Bad Request: not enough rights to create a topic");
    await api.leaveChat(chat);
    expect(await refusal(api.sendMessage(chat, "x"))).toBe("403 Forbidden: bot is not a member of the supergroup chat");
    const updates = await resultOf(call(emulator, "getUpdates"));
    expect(
      updates.map(
        (update) => update.my_chat_member?.new_chat_member.status ?? Object.keys(update.message ?? {}).at(-1),
      ),
    ).toEqual([
      "forum_topic_created",
      "left_chat_member",
      "kicked",
      "member",
      "new_chat_members",
      "left_chat_member",
      "left",
    ]);
  });

  test("may silence their members", async () => {
    const { emulator, api, chat } = await startForum();
    emulator.demotesBot(chat);
    emulator.takesRight(chat, "can_send_messages");
    expect(await refusal(api.sendMessage(chat, "x"))).toBe(
      "400 Bad Request: not enough rights to send text messages to the chat",
    );
    expect(await api.getChatMember(chat, emulator.bot.id)).toMatchObject({
      status: "restricted",
      can_send_messages: false,
    });
  });
});

describe("a small group that becomes a supergroup", () => {
  test("refuses with its new id and tells both sides of it", async () => {
    const { emulator, api } = await startTelegram();
    const old = emulator.addGroup({ id: -4711, title: "Sales", forum: false });
    expect(await api.getChat(old)).toMatchObject({ type: "group" });
    const moved = emulator.migrates(old);
    await expect(api.sendMessage(old, "x")).rejects.toMatchObject({
      code: 400,
      description: "Bad Request: group chat was upgraded to a supergroup chat",
      parameters: { migrate_to_chat_id: moved },
    });
    expect(await api.sendMessage(moved, "x")).toMatchObject({ chat: { id: moved, type: "supergroup" } });
    expect(await resultOf(call(emulator, "getUpdates"))).toMatchObject([
      { message: { chat: { id: old }, migrate_to_chat_id: moved } },
      { message: { chat: { id: moved }, migrate_from_chat_id: old } },
    ]);
  });

  test("does so when topics are turned on", async () => {
    const { emulator, api } = await startTelegram();
    const old = emulator.addGroup({ title: "Sales", forum: false, type: "group" });
    const chat = emulator.turnsTopics(old, true);
    expect(chat).toBeLessThan(-1_000_000_000_000);
    expect(await refusal(api.createForumTopic(chat, "Ann"))).toBe("accepted");
  });
});

describe("the bot's commands", () => {
  test("are kept per scope and language", async () => {
    const { emulator, api } = await startTelegram();
    const commands = [{ command: "help", description: "What can I do?" }];
    await api.setMyCommands(commands, { scope: { type: "all_private_chats" } });
    expect(await api.getMyCommands({ scope: { type: "all_private_chats" } })).toEqual(commands);
    expect(await api.getMyCommands()).toEqual([]);
    expect(emulator.commands("all_private_chats")).toEqual(commands);
    await api.deleteMyCommands({ scope: { type: "all_private_chats" } });
    expect(emulator.commands("all_private_chats")).toEqual([]);
    const wrong = [{ command: "Help me", description: "x" }];
    expect(await refusal(api.setMyCommands(wrong))).toBe("400 Bad Request: BOT_COMMAND_INVALID");
  });
});

test("a chat action must be one that Telegram knows", async () => {
  const { emulator, api, chat } = await startForum();
  expect(await api.sendChatAction(chat, "typing")).toBe(true);
  expect(await call(emulator, "sendChatAction", { chat_id: chat, action: "thinking" })).toMatchObject({
    description: "Bad Request: wrong parameter action in request",
  });
});
