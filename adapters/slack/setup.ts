/** What `doctor` looks at on Slack's side. Changes nothing. */
import type { WebClientOptions } from "@slack/web-api";
import type { Finding } from "../../src/adapter.js";
import type { Place } from "../../src/message.js";
import { createApi, type SlackApi } from "./api.js";

/** As in the manifests; without one of them, something that the bridge does would fail. */
export const scopes = [
  "app_mentions:read",
  "channels:history",
  "channels:read",
  "chat:write",
  "chat:write.customize",
  "commands",
  "files:read",
  "groups:history",
  "groups:read",
  "reactions:read",
  "reactions:write",
  "users:read",
] as const;

export interface SetupDeps {
  readonly api: SlackApi;
  readonly appToken: string | undefined;
  readonly clientOptions: () => WebClientOptions;
}

export async function checkSetup(places: readonly Place[], deps: SetupDeps): Promise<readonly Finding[]> {
  const bot = await finding("Slack bot token", () => checkBot(deps.api));
  if (!bot.ok) return [bot];
  const entrance = await checkEntrance(deps);
  const channels = [];
  // One after the other: Slack counts calls by the minute.
  for (const { chat } of places)
    channels.push(await finding(`Slack channel ${chat}`, () => checkChannel(deps.api, chat)));
  return [bot, entrance, ...channels];
}

/** A sentence of confirmation, or a `Problem`. */
type Check = () => Promise<string>;

class Problem extends Error {}

async function finding(what: string, check: Check): Promise<Finding> {
  try {
    return { ok: true, what, detail: await check() };
  } catch (error) {
    return { ok: false, what, detail: error instanceof Error ? error.message : "It could not be checked." };
  }
}

async function checkBot(api: SlackApi): Promise<string> {
  const answer = await api.call("auth.test", "same", (web) => web.auth.test());
  const granted = answer.response_metadata?.scopes ?? [];
  const missing = granted.length === 0 ? [] : scopes.filter((scope) => !granted.includes(scope));
  if (missing.length > 0)
    throw new Problem(
      `The app lacks the scopes ${missing.join(", ")}. Add them under "OAuth & Permissions" (or take over the manifest) and install the app again.`,
    );
  return `${answer.user ?? "The bot"} in the workspace ${answer.team ?? answer.team_id ?? ""}`.trim();
}

async function checkEntrance({ appToken, clientOptions }: SetupDeps): Promise<Finding> {
  if (appToken === undefined)
    return {
      ok: true,
      what: "Slack HTTP mode",
      detail:
        "Slack calls /slack/events; its settings cannot be read from here: the request URLs of the manifest must point to this server.",
    };
  return finding("Slack Socket Mode", async () => {
    const api = createApi(appToken, clientOptions());
    await api.call("apps.connections.open", "same", (web) => web.apps.connections.open());
    return "The app-level token may open connections.";
  });
}

async function checkChannel(api: SlackApi, channel: string): Promise<string> {
  const answer = await api.call("conversations.info", "same", (web) => web.conversations.info({ channel }));
  const name = `#${answer.channel?.name ?? channel}`;
  if (answer.channel?.is_archived === true)
    throw new Problem(`${name} is archived. Unarchive it, or give the line another channel.`);
  if (answer.channel?.is_member !== true)
    throw new Problem(
      `The bot is not in ${name} and would miss the replies. Write "/invite @" and the bot's name there.`,
    );
  const shared =
    answer.channel?.is_ext_shared === true ? " It is shared with another organisation by Slack Connect." : "";
  return `The bot is in ${name}.${shared}`;
}
