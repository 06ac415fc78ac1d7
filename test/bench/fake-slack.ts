/**
 * The least of Slack (and of the PBX: its token) that the bridge needs, as quick as node:http is, so that what is measured is not the
 * fake. It looks into every post and counts each text once; `GET /seen` tells how many, in how many posts, and when the last came.
 */
import type { ServerResponse } from "node:http";
import { givenOptions } from "./child.js";
import { bodyOf, listen } from "./listen.js";

/** `latencyMs`: how long every call of Slack's API takes. */
const { latencyMs = 0 } = givenOptions() as { latencyMs?: number };

let seen = new Set<string>();
let posts = 0;
let lastAt = 0;
let clock = 1_700_000_000_000_000;

listen((request, response) => {
  const url = request.url ?? "";
  if (url === "/seen") return answer(response, { texts: seen.size, posts, lastAt });
  if (url === "/forget") {
    seen = new Set();
    posts = 0;
    return answer(response, {});
  }
  bodyOf(request, (body) => {
    const result = url.startsWith("/oauth/") ? { access_token: "bench", expires_in: 86_400 } : slack(url, body);
    if (latencyMs > 0 && url.startsWith("/api/")) setTimeout(answer, latencyMs, response, result);
    else answer(response, result);
  });
});

function slack(url: string, body: string): object {
  if (url.endsWith("/auth.test")) return { ok: true, team_id: "T0BENCH00", user_id: "U0BENCH00", bot_id: "B0BENCH00" };
  if (!url.endsWith("/chat.postMessage")) return { ok: true };
  posts += 1;
  for (const [, text] of body.matchAll(/text-(\d+)/g)) if (text !== undefined) seen.add(text);
  lastAt = Date.now();
  const ts = stamp();
  const thread_ts = /(?:^|&)thread_ts=([\d.]+)/.exec(body)?.[1];
  const channel = /(?:^|&)channel=(\w+)/.exec(body)?.[1];
  return { ok: true, channel, ts, message: { type: "message", ts, ...(thread_ts === undefined ? {} : { thread_ts }) } };
}

function stamp(): string {
  clock += 1000;
  const digits = String(clock);
  return `${digits.slice(0, 10)}.${digits.slice(10)}`;
}

function answer(response: ServerResponse, body: object): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}
