import { onTestFinished } from "vitest";
import { createSlackAdapter } from "../../../adapters/slack/index.js";
import { whereOf } from "../../../adapters/slack/ids.js";
import { describeChatAdapter } from "../../contract/chat-adapter.js";
import { quiet } from "./quiet.js";
import { modes, setStage } from "./stage.js";

const channel = "C0SALES";

for (const mode of modes)
  describeChatAdapter(`Slack in ${mode} mode`, async () => {
    const { slack, adapter, events, close } = await setStage(mode);
    onTestFinished(close);
    slack.addUser({ id: "U1", name: "Anna" });
    slack.addChannel({ id: channel, name: "sales", members: ["U1"] });
    const { apiUrl, botToken, appToken } = slack;
    const options = { botToken, appToken, apiUrl, command: "/sms" };
    return {
      adapter,
      events,
      place: { platform: "slack", chat: channel },
      shown: (thread) =>
        slack
          .replies(channel, whereOf(thread).ts)
          .map((message) => slack.rendered(message))
          .join("\n"),
      write: (thread, text) => void slack.says(channel, "U1", text, { thread: whereOf(thread).ts }),
      another: () => createSlackAdapter(options, { logger: quiet, now: Date.now, sleep: async () => {} }),
    };
  });
