/** The adapter, started in HTTP mode on a Slack in the test's hands, with a clock that stands still. */
import { createSlackAdapter, type SlackAdapter } from "../../../adapters/slack/index.js";
import { quiet } from "./quiet.js";
import { type ScriptedSlack, startScriptedSlack } from "./scripted-slack.js";

export const startedAt = 1_700_000_000_000;

export interface ScriptedStage {
  readonly slack: ScriptedSlack;
  readonly adapter: SlackAdapter;
  /** Epoch ms. */
  readonly clock: { now: number };
  close(): Promise<void>;
}

export async function setScriptedStage(): Promise<ScriptedStage> {
  const slack = await startScriptedSlack();
  const clock = { now: startedAt };
  const adapter = createSlackAdapter(
    { botToken: "xoxb-1", signingSecret: "s", apiUrl: slack.apiUrl, command: "/sms", timeoutMs: 200 },
    { logger: quiet, now: () => clock.now },
  );
  await adapter.start({ accept: async () => {} });
  return {
    slack,
    adapter,
    clock,
    async close() {
      await adapter.stop();
      await slack.close();
    },
  };
}
