import { readThreadId } from "../../../adapters/telegram/ids.js";
import { createTelegramAdapter } from "../../../adapters/telegram/index.js";
import { describeChatAdapter } from "../../contract/chat-adapter.js";
import { quiet } from "../slack/quiet.js";
import { createMemory, placeOf, startBridge, startTelegram } from "./harness.js";

for (const mode of ["polling", "webhook"] as const)
  describeChatAdapter(`Telegram by ${mode}`, async () => {
    const telegram = await startTelegram();
    const chat = telegram.addGroup({ title: "Texts", forum: true });
    const anna = telegram.addUser({ firstName: "Anna" });
    telegram.joins(chat, anna);
    const { adapter, events } = await startBridge(telegram, { mode });
    const { botToken, apiUrl } = telegram;
    const topicOf = (thread: Parameters<typeof readThreadId>[0]): number => {
      const ref = readThreadId(thread);
      return ref.kind === "topic" ? ref.topic : 0;
    };
    return {
      adapter,
      events,
      place: placeOf(chat),
      shown: (thread) =>
        telegram
          .messages(chat, topicOf(thread))
          .map(({ text }) => text)
          .join("\n"),
      write: (thread, text) => void telegram.says(chat, anna, text, { topic: topicOf(thread) }),
      another: () =>
        createTelegramAdapter(
          { botToken, apiUrl, allowedUsers: [], pollSeconds: 1 },
          { logger: quiet, now: Date.now, memory: createMemory() },
        ),
    };
  });
