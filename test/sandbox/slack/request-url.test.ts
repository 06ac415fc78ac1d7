import { isValidSlackRequest } from "@slack/bolt";
import type { IncomingHttpHeaders } from "node:http";
import { expect, it, vi } from "vitest";
import { readBody } from "../../../src/sandbox/slack/params.js";
import { office, post, tsOf } from "./harness.js";
import { boltOverHttp, listen } from "./sdk.js";

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers with these statuses in turn, the last one for ever; 0: with nothing. */
async function endpoint(statuses: readonly number[], headers: Record<string, string> = {}) {
  const requests: Request[] = [];
  const url = await listen((request, response) => {
    void readBody(request).then((body) => {
      requests.push({ headers: request.headers, body });
      const status = statuses[Math.min(requests.length, statuses.length) - 1] ?? 200;
      if (status !== 0) response.writeHead(status, headers).end();
    });
  });
  return { url, requests };
}

it("reaches a Bolt app over HTTP: messages, buttons and commands, each with a good signature", async () => {
  const { slack, channel, anna, web } = await office();
  const seen: string[] = [];
  await boltOverHttp(slack, (app) => {
    app.message(async ({ message }) => void seen.push(`message ${message.ts}`));
    app.action("retry", async ({ ack, body }) => {
      await ack();
      seen.push(`action by ${body.user.id}`);
    });
    app.command("/sms", async ({ ack }) => ack({ response_type: "in_channel", text: "for all" }));
  });
  expect(await slack.verifiesUrl()).toBe(true);
  const ts = slack.says(channel, anna, "hello");
  await vi.waitFor(() => expect(seen).toEqual([`message ${ts}`]));
  const text = { type: "plain_text" as const, text: "Retry" };
  const elements = [{ type: "button" as const, action_id: "retry", text }];
  const card = await post(web, { channel, text: "x", blocks: [{ type: "actions", elements }] });
  expect(await slack.presses(channel, tsOf(card), "retry", anna)).toBe(true);
  expect(seen.at(-1)).toBe(`action by ${anna}`);
  expect(await slack.command(anna, channel, "/sms")).toBe(true);
  expect(slack.messages(channel).at(-1)?.text).toBe("for all");
  await vi.waitFor(() => expect(slack.unacknowledged()).toEqual([]));
});

it("is refused by a Bolt app with another secret", async () => {
  const { slack, channel, anna } = await office({ retryDelaysMs: [] });
  const other = await office({ signingSecret: "another secret" });
  await boltOverHttp(other.slack, () => {});
  const { url, requests } = await endpoint([200]);
  slack.sendEventsTo(url);
  slack.says(channel, anna, "hello");
  await vi.waitFor(() => expect(requests).toHaveLength(1));
  const [request] = requests;
  const valid = (signingSecret: string) =>
    isValidSlackRequest({
      signingSecret,
      body: request?.body ?? "",
      headers: {
        "x-slack-signature": String(request?.headers["x-slack-signature"]),
        "x-slack-request-timestamp": Number(request?.headers["x-slack-request-timestamp"]),
      },
    });
  expect([valid(slack.signingSecret), valid("another secret")]).toEqual([true, false]);
});

it("tries again with number and reason until it is acknowledged", async () => {
  const { slack, channel, anna } = await office({ ackWithinMs: 100, retryDelaysMs: [0, 0, 0] });
  const { url, requests } = await endpoint([500, 0, 302, 200]);
  slack.sendEventsTo(url);
  slack.says(channel, anna, "hello");
  await vi.waitFor(() => expect(requests).toHaveLength(4));
  await vi.waitFor(() => expect([slack.unacknowledged(), slack.lost()]).toEqual([[], []]));
  const retries = requests.map(({ headers }) => [headers["x-slack-retry-num"], headers["x-slack-retry-reason"]]);
  expect(retries).toEqual([
    [undefined, undefined],
    ["1", "http_error"],
    ["2", "http_timeout"],
    ["3", "too_many_redirects"],
  ]);
  expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
});

it("does not try again when told not to, and not more than three times", async () => {
  const { slack, channel, anna } = await office({ retryDelaysMs: [0, 0, 0] });
  const refusing = await endpoint([500], { "x-slack-no-retry": "1" });
  slack.sendEventsTo(refusing.url);
  slack.says(channel, anna, "one");
  await vi.waitFor(() => expect(slack.lost()).toHaveLength(1));
  const broken = await endpoint([500]);
  slack.sendEventsTo(broken.url);
  slack.says(channel, anna, "two");
  await vi.waitFor(() => expect(slack.lost()).toHaveLength(2));
  expect([refusing.requests.length, broken.requests.length]).toEqual([1, 4]);
});

it("holds events back while it is down", async () => {
  const { slack, channel, anna } = await office();
  const { url, requests } = await endpoint([200]);
  slack.sendEventsTo(url);
  slack.down(true);
  slack.says(channel, anna, "hello");
  expect(await slack.command(anna, channel, "/sms")).toBe(false);
  expect(requests).toEqual([]);
  slack.down(false);
  await vi.waitFor(() => expect(requests).toHaveLength(1));
});
