import { expect, test } from "vitest";
import type { Finding } from "../../../src/adapter.js";
import type { TelegramEmulator } from "../../../src/sandbox/telegram/index.js";
import { type BridgeOptions, callsOf, createBridge, placeOf, startTelegram } from "./harness.js";

async function check(telegram: TelegramEmulator, chats: readonly (number | string)[], options: BridgeOptions = {}) {
  const { adapter } = await createBridge(telegram, options);
  const places = chats.map((chat) => ({ platform: "telegram", chat: String(chat) }));
  return await adapter.check([...places, { platform: "slack", chat: "C1" }]);
}

function problems(findings: readonly Finding[]): readonly string[] {
  return findings.filter(({ ok }) => !ok).map(({ what, detail }) => `${what}: ${detail}`);
}

test("a forum group where the bot is an administrator is in order, and nothing is changed by looking", async () => {
  const telegram = await startTelegram({ bot: { readsAllGroupMessages: false } });
  const chat = telegram.addGroup({ title: "Texts", forum: true });
  const findings = await check(telegram, [chat]);
  expect(problems(findings)).toEqual([]);
  expect(findings.map(({ what }) => what)).toEqual(["Telegram bot", "Telegram webhook", `Telegram chat ${chat}`]);
  const asked = new Set(telegram.calls.map(({ method }) => method));
  expect(asked).toEqual(new Set(["getMe", "getWebhookInfo", "getChat", "getChatMember"]));
});

test("missing rights are named", async () => {
  const telegram = await startTelegram();
  const chat = telegram.addGroup({ title: "Texts", forum: true, rights: ["can_pin_messages"] });
  expect(problems(await check(telegram, [chat]))).toEqual([
    `Telegram chat ${chat}: rights: The bot may not manage topics, delete messages. Make it an administrator with these rights.`,
  ]);
});

test("privacy mode is named with what it hides: what people write in topics, or below each other's replies", async () => {
  const telegram = await startTelegram({ bot: { readsAllGroupMessages: false } });
  const forum = telegram.addGroup({ title: "Texts", forum: true, botIsAdmin: false });
  const plain = telegram.addGroup({ title: "Small", forum: false, botIsAdmin: false });
  const found = problems(await check(telegram, [forum, plain]));
  expect(found).toContainEqual(expect.stringContaining(`${forum}: privacy mode: Privacy mode hides`));
  expect(found).toContainEqual(expect.stringContaining(`${plain}: privacy mode: Privacy mode hides replies`));
  expect(found).toHaveLength(3);
});

test("chats that cannot work are named with their remedy", async () => {
  const telegram = await startTelegram();
  const kicked = telegram.addGroup({ title: "Out", forum: false });
  telegram.kicksBot(kicked);
  const left = telegram.addGroup({ title: "Small and out", forum: false, type: "group" });
  telegram.kicksBot(left);
  const found = problems(await check(telegram, ["@team", -100123, kicked, left]));
  expect(found).toHaveLength(4);
  expect(found[0]).toContain("/id in the chat tells it");
  expect(found[1]).toContain("Add it to the group");
  expect(found[2]).toContain("Add it to the group");
  expect(found[3]).toContain("not in this group");
});

test("a private chat's person must be allowed to use the bot", async () => {
  const telegram = await startTelegram();
  const ann = telegram.addUser({ firstName: "Ann" });
  telegram.privateChat(ann);
  expect(problems(await check(telegram, [ann]))).toEqual([
    `Telegram chat ${ann}: Answers from here are ignored. Add ${ann} to telegram.allowedUsers.`,
  ]);
  expect(problems(await check(telegram, [ann], { allowedUsers: [ann] }))).toEqual([]);
});

test("a refused token is the one finding", async () => {
  const telegram = await startTelegram();
  const findings = await check(telegram, [placeOf(-1).chat], { botToken: "1:wrong" });
  expect(findings).toEqual([
    { ok: false, what: "Telegram bot", detail: expect.stringContaining("telegram.botToken") as string },
  ]);
});

test("a server that does not answer is the one finding", async () => {
  const telegram = await startTelegram();
  telegram.down(true);
  const [finding] = await check(telegram, [-1]);
  expect(finding).toMatchObject({ ok: false, detail: expect.stringContaining("telegram.apiUrl") as string });
});

test("the webhook is compared with the mode", async () => {
  const telegram = await startTelegram({ webhookRetryMs: 60_000 });
  expect(problems(await check(telegram, [], { mode: "webhook" }))).toEqual([]);
  const hooked = await createBridge(telegram, { mode: "webhook" });
  await hooked.start();
  await expect(hooked.adapter.check([])).resolves.toContainEqual(
    expect.objectContaining({ ok: true, detail: expect.stringContaining("Telegram calls") as string }),
  );
  expect(problems(await check(telegram, []))).toEqual([
    expect.stringContaining("The bridge removes it when it starts"),
  ]);
  expect(problems(await check(telegram, [], { mode: "webhook" }))).toEqual([
    expect.stringContaining("calls another address"),
  ]);
});

test("a webhook that Telegram cannot reach is told with Telegram's words", async () => {
  const telegram = await startTelegram({ webhookRetryMs: 60_000 });
  const { adapter, start, broken } = await createBridge(telegram, { mode: "webhook" });
  await start();
  broken(true);
  const chat = telegram.addGroup({ title: "Texts", forum: true });
  telegram.says(chat, telegram.owner, "x", { topic: telegram.opensTopic(chat, telegram.owner, "t") });
  await expect
    .poll(async () => problems(await adapter.check([])))
    .toEqual([expect.stringContaining("Wrong response from the webhook: 503")]);
  expect(callsOf(telegram, "deleteWebhook")).toEqual([]);
});
