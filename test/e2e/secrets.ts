/** What no log line may tell. */
import { EVENTS_SECRET, SIGNING_SECRET, WEBHOOK_SECRET, type World } from "../../src/sandbox/world.js";

/** Shorter words stand in logs by chance. */
const SHORTEST = 6;

export function secretsOf({ pbx, slack, telegram }: World): string[] {
  const texts = pbx.messages().flatMap(({ text, contact, did }) => [text, bare(contact), bare(did)]);
  const tokens = [slack.botToken, slack.appToken, telegram.botToken.split(":")[1] ?? "", pbx.credentials.clientSecret];
  const all = [...texts, ...tokens, EVENTS_SECRET, SIGNING_SECRET, WEBHOOK_SECRET];
  return [...new Set(all)].filter((secret) => secret.length >= SHORTEST);
}

function bare(number: string): string {
  return number.replace(/^\+1?/, "");
}
