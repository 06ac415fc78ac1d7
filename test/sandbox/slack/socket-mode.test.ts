import { describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { office, outcome, post, silent, tsOf, webClient } from "./harness.js";
import { SocketModeClient } from "@slack/socket-mode";
import type { Received } from "./sdk.js";
import { boltOverSocket, socketClient } from "./sdk.js";

const buttons = [
  {
    type: "actions" as const,
    elements: [
      {
        type: "button" as const,
        action_id: "retry",
        value: "m1",
        text: { type: "plain_text" as const, text: "Retry" },
      },
    ],
  },
];

describe("a Bolt app in Socket Mode", () => {
  it("hears people, sees them press buttons, and answers where it was asked", async () => {
    const { slack, channel, anna, web } = await office();
    const heard: string[] = [];
    await boltOverSocket(slack, (app) => {
      app.message(async ({ message, say }) => {
        // The counter of the thread comes back as a change: Bolt hands it to `message` listeners too.
        if (message.subtype !== undefined) return;
        heard.push(message.text ?? "");
        await say({ text: "noted", thread_ts: message.ts });
      });
      app.action("retry", async ({ ack, respond, action, body }) => {
        await ack();
        const value = "value" in action ? action.value : "";
        await respond({ replace_original: true, text: `retried ${value} for ${body.user.id}` });
        await respond({ text: "just for you" });
      });
    });
    const said = slack.says(channel, anna, "hello <all>");
    await vi.waitFor(() => expect(slack.replies(channel, said)).toHaveLength(1));
    expect(heard).toEqual(["hello &lt;all&gt;"]);

    const ts = tsOf(await post(web, { channel, text: "failed", blocks: buttons, username: "Bob" }));
    expect(await slack.presses(channel, ts, "retry", anna)).toBe(true);
    await vi.waitFor(() => expect(slack.ephemerals(channel)).toHaveLength(1));
    expect(slack.message(channel, ts)).toMatchObject({ text: `retried m1 for ${anna}` });
    expect(slack.message(channel, ts)?.blocks).toBeUndefined();
  });

  it("serves a command, whose acknowledgement the person sees", async () => {
    const { slack, channel, anna } = await office();
    await boltOverSocket(slack, (app) => {
      app.command("/sms", async ({ ack, command }) => ack(`to ${command.text} by ${command.user_name}`));
    });
    expect(await slack.command(anna, channel, "/sms +15550100 hi")).toBe(true);
    expect(slack.ephemerals(channel)).toMatchObject([{ to: anna, text: "to +15550100 hi by Anna Berg" }]);
  });

  it("opens a modal with a trigger, once", async () => {
    const { slack, channel, anna } = await office();
    const second: string[] = [];
    const view = { type: "modal" as const, title: { type: "plain_text" as const, text: "New text" }, blocks: [] };
    await boltOverSocket(slack, (app) => {
      app.command("/sms", async ({ ack, body: { trigger_id }, client }) => {
        await ack();
        await client.views.open({ trigger_id, view });
        second.push(await outcome(client.views.open({ trigger_id, view })));
      });
    });
    await slack.command(anna, channel, "/sms");
    await vi.waitFor(() => expect(second).toEqual(["exchanged_trigger_id"]));
    expect(slack.views).toMatchObject([{ user: anna }]);
  });
});

describe("Socket Mode", () => {
  it("repeats what is not acknowledged, as the same event, and stops at the acknowledgement", async () => {
    const { slack, channel, anna } = await office({ ackWithinMs: 30, retryDelaysMs: [0, 0, 0] });
    const received: Received[] = [];
    await socketClient(slack, (event) => {
      received.push(event);
      if (received.length === 3) void event.ack();
    });
    slack.says(channel, anna, "hello");
    await vi.waitFor(() => expect(received).toHaveLength(3));
    await vi.waitFor(() => expect([slack.unacknowledged(), slack.unackedEnvelopes()]).toEqual([[], []]));
    expect(received.map(({ retry_num, retry_reason }) => [retry_num, retry_reason])).toEqual([
      [0, ""],
      [1, "timeout"],
      [2, "timeout"],
    ]);
    expect(new Set(received.map(({ body }) => body.event_id)).size).toBe(1);
  });

  it("gives up after the last repetition", async () => {
    const { slack, channel, anna } = await office({ ackWithinMs: 10, retryDelaysMs: [0, 0, 0] });
    let times = 0;
    await socketClient(slack, () => (times += 1));
    slack.says(channel, anna, "hello");
    await vi.waitFor(() => expect(slack.lost()).toHaveLength(1));
    expect([times, slack.unacknowledged()]).toEqual([4, []]);
  });

  it("delivers again when an acknowledgement is lost", async () => {
    const { slack, channel, anna } = await office({ retryDelaysMs: [0] });
    const attempts: unknown[] = [];
    await socketClient(slack, (event) => {
      attempts.push(event.retry_num);
      void event.ack();
    });
    slack.loseAcks(1);
    slack.says(channel, anna, "hello");
    await vi.waitFor(() => expect(attempts).toEqual([0, 1]));
  });

  it.each(["a broken connection", "a refresh", "a time when everything is down"])(
    "delivers over the next connection what was open during %s",
    async (misfortune) => {
      const { slack, channel, anna } = await office();
      const received: Received[] = [];
      let acknowledges = false;
      await socketClient(slack, (event) => {
        received.push(event);
        if (acknowledges) void event.ack();
      });
      slack.says(channel, anna, "before");
      await vi.waitFor(() => expect(received).toHaveLength(1));
      acknowledges = true;
      if (misfortune === "a refresh") slack.disconnect("refresh_requested");
      else if (misfortune === "a broken connection") slack.dropSockets();
      else slack.down(true);
      slack.says(channel, anna, "during");
      slack.down(false);
      await vi.waitFor(() => expect(slack.unacknowledged()).toEqual([]), 3000);
      const texts = received.map(({ body }) => body.event?.text);
      expect(texts.filter((text) => text === "before")).toHaveLength(2);
      expect(texts).toContain("during");
    },
  );

  it("keeps events until somebody connects, but a person's click fails at once", async () => {
    const { slack, channel, anna, web } = await office();
    slack.says(channel, anna, "early");
    const ts = tsOf(await post(web, { channel, text: "x", blocks: buttons }));
    expect(await slack.presses(channel, ts, "retry", anna)).toBe(false);
    await expect(slack.presses(channel, ts, "other", anna)).rejects.toThrow("no other to press");
    const received: Received[] = [];
    await socketClient(slack, (event) => {
      received.push(event);
      void event.ack();
    });
    await vi.waitFor(() => expect(received.map(({ body }) => body.event?.text)).toEqual(["early", "x"]));
  });

  it("takes a ticket once, and no more than ten connections", async () => {
    const { slack } = await office();
    const { url = "" } = await webClient(slack, slack.appToken).apps.connections.open();
    const sockets = [await opened(url)];
    await expect(opened(url)).rejects.toThrow("404");
    for (let n = 1; n < 10; n += 1) {
      const next = await webClient(slack, slack.appToken).apps.connections.open();
      sockets.push(await opened(next.url ?? ""));
    }
    await vi.waitFor(() => expect(slack.connections()).toBe(10));
    const last = await webClient(slack, slack.appToken).apps.connections.open();
    const notice = new Promise((resolve) => {
      new WebSocket(last.url ?? "").on("message", (data: Buffer) => resolve(JSON.parse(data.toString())));
    });
    expect(await notice).toMatchObject({ type: "disconnect", reason: "too_many_websockets" });
    for (const socket of sockets) socket.terminate();
  });

  it("refuses to open connections for any but an app token", async () => {
    const { slack } = await office();
    const client = new SocketModeClient({
      appToken: "xapp-wrong",
      logger: silent,
      clientOptions: { slackApiUrl: slack.apiUrl },
    });
    expect(await outcome(client.start())).toBe("invalid_auth");
  });
});

function opened(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.once("open", () => resolve(socket)).once("error", reject);
  });
}
