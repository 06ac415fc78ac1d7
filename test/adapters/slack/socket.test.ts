import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSlackAdapter, type SlackAdapter } from "../../../adapters/slack/index.js";
import type { ChatEvent } from "../../../src/adapter.js";
import { StoreUnavailable } from "../../../src/errors.js";
import { quiet } from "./quiet.js";
import { type ScriptedSlack, startScriptedSlack } from "./scripted-slack.js";

let slack: ScriptedSlack;
let adapter: SlackAdapter;
let events: ChatEvent[];
let waits: number[];
let accept: (event: ChatEvent) => Promise<void>;

beforeEach(async () => {
  slack = await startScriptedSlack();
  events = [];
  waits = [];
  accept = async (event) => void events.push(event);
  adapter = adapterWith(Date.now, async (ms) => void waits.push(ms));
});

const adapterWith = (now: () => number, sleep: (ms: number) => Promise<void>): SlackAdapter =>
  createSlackAdapter(
    { botToken: "xoxb-1", appToken: "xapp-1", apiUrl: slack.apiUrl, command: "/sms", timeoutMs: 400 },
    { logger: quiet, now, sleep },
  );

/** An adapter whose clock can be set, and how many gaps it told of. */
async function gapTeller() {
  const clock = { now: 1_700_000_000_000 };
  const gaps = { count: 0 };
  const own = adapterWith(
    () => clock.now,
    async () => {},
  );
  await own.start({ accept, gap: () => void (gaps.count += 1) });
  /** The connection ends, and another one is made. */
  const renew = async (): Promise<void> => {
    const before = slack.connections.length;
    slack.connections.at(-1)?.terminate();
    await vi.waitFor(() => expect(slack.connections.length).toBe(before + 1));
    await vi.waitFor(() => expect(own.unwell()).toBeUndefined());
  };
  return { own, clock, gaps, renew };
}

afterEach(async () => {
  await adapter.stop();
  await slack.close();
});

const start = async (): Promise<void> => adapter.start({ accept: async (event) => accept(event) });

const reply = (envelope_id: string, text = "hello") => ({
  type: "events_api",
  envelope_id,
  payload: {
    type: "event_callback",
    team_id: "T1",
    event: {
      type: "message",
      channel: "C1",
      user: "U1",
      text,
      ts: "1700000060.000200",
      thread_ts: "1700000000.000100",
    },
  },
});

describe("connecting", () => {
  it("is done at Slack's hello", async () => {
    await start();
    expect(adapter.unwell()).toBeUndefined();
    expect(slack.connections).toHaveLength(1);
  });

  it("with a dead app token is a mistake of the config, with its remedy", async () => {
    slack.next("apps.connections.open", "invalid_auth");
    await expect(start()).rejects.toMatchObject({
      name: "ConfigError",
      problems: [expect.stringMatching(/^slack\.appToken: .*invalid_auth.*Install/)],
    });
  });

  it.each([["internal_error"], [{ status: 502 }], ["ratelimited"], ["reset"], ["hang"]])(
    "that fails with %j may succeed later",
    async (failure) => {
      slack.next("apps.connections.open", failure);
      await expect(start()).rejects.toMatchObject({ name: "RetryLater" });
      await start();
      expect(adapter.unwell()).toBeUndefined();
    },
  );

  it("gives up on a connection without a hello", async () => {
    slack.hello = false;
    await expect(start()).rejects.toMatchObject({ name: "RetryLater" });
    expect(adapter.unwell()).toBe("not started yet");
  });
});

it("stopped while connecting, it does not stay connected", async () => {
  slack.hello = false;
  const started = start();
  await vi.waitFor(() => expect(slack.connections).toHaveLength(1));
  const refused = expect(started).rejects.toMatchObject({ name: "RetryLater" });
  await adapter.stop();
  slack.send({ type: "hello" });
  await refused;
  await vi.waitFor(() => expect(slack.connections[0]?.readyState).toBe(3));
  expect(adapter.unwell()).toBe("stopped");
});

describe("a connection", () => {
  it("that Slack refreshes is renewed, and a refusal meanwhile ends nothing", async () => {
    await start();
    slack.next("apps.connections.open", "invalid_auth", { status: 500 });
    slack.send({ type: "disconnect", reason: "refresh_requested" });
    await vi.waitFor(() => expect(slack.connections).toHaveLength(2));
    await vi.waitFor(() => expect(adapter.unwell()).toBeUndefined());
    expect(waits).toEqual([1000, 2000, 4000]);
    slack.send(reply("E1"));
    await vi.waitFor(() => expect(slack.frames).toMatchObject([{ envelope_id: "E1" }]));
    expect(slack.callsOf("apps.connections.open")).toHaveLength(4);
  });

  it("that was away for longer than a renewal takes is told as a gap, whichever way the clock was set meanwhile", async () => {
    const { own, clock, gaps, renew } = await gapTeller();
    const renewIn = async (duringMs: number): Promise<void> => {
      slack.next("apps.connections.open", () => {
        clock.now += duringMs;
        return "internal_error";
      });
      await renew();
    };
    await renewIn(1000);
    expect(gaps.count).toBe(0);
    await renewIn(60_000);
    await vi.waitFor(() => expect(gaps.count).toBe(1));
    await renewIn(-3_600_000);
    await vi.waitFor(() => expect(gaps.count).toBe(2));
    await own.stop();
  });

  it("that ended while we stood still is told as a gap, though it is renewed at once, and the next one is not", async () => {
    const { own, clock, gaps, renew } = await gapTeller();
    clock.now += 8 * 3_600_000;
    await renew();
    await vi.waitFor(() => expect(gaps.count).toBe(1));
    clock.now += 1000;
    await renew();
    slack.send(reply("E1"));
    await vi.waitFor(() => expect(slack.frames).toHaveLength(1));
    expect(gaps.count).toBe(1);
    await own.stop();
  });

  it("that comes after a gap tells of it before it tells of anything else", async () => {
    const told: string[] = [];
    let now = 1_700_000_000_000;
    const own = adapterWith(
      () => now,
      async () => void (now += 60_000),
    );
    slack.withHello = [reply("E1")];
    await own.start({ accept: async ({ kind }) => void told.push(kind), gap: () => void told.push("gap") });
    await vi.waitFor(() => expect(told).toEqual(["written"]));
    slack.connections.at(-1)?.terminate();
    await vi.waitFor(() => expect(told).toEqual(["written", "gap", "written"]));
    await own.stop();
  });

  it("survives what cannot be read", async () => {
    await start();
    slack.send("no json");
    slack.send('{"payload":"app_rate_limited');
    slack.send({ type: "events_api", envelope_id: "E0", payload: {} });
    slack.send(reply("E1", "app_rate_limited"));
    await vi.waitFor(() => expect(slack.frames).toMatchObject([{ envelope_id: "E1" }]));
    expect(events).toMatchObject([{ text: "app_rate_limited" }]);
  });

  it("by which Slack tells that it has dropped events is a gap, and is acknowledged", async () => {
    let gaps = 0;
    await adapter.start({ accept, gap: () => void (gaps += 1) });
    const dropped = (envelope_id: string) => ({
      type: "events_api",
      envelope_id,
      payload: { type: "app_rate_limited", team_id: "T1", minute_rate_limited: 1_700_000_000, api_app_id: "A1" },
    });
    slack.send(dropped("E1"));
    slack.send(dropped("E2"));
    slack.send(reply("E3"));
    await vi.waitFor(() =>
      expect(slack.frames.map((frame) => frame.envelope_id).toSorted()).toEqual(["E1", "E2", "E3"]),
    );
    expect(gaps).toBe(1);
  });
});

describe("an event", () => {
  it("whose names Slack does not tell in time is stored all the same, before those behind it", async () => {
    await start();
    slack.next("users.info", "hang");
    slack.send(reply("E1", "ask <@U7>"));
    slack.send(reply("E2", "and thanks"));
    await vi.waitFor(() => expect(slack.frames).toHaveLength(2));
    expect(events).toMatchObject([{ text: "ask @someone" }, { text: "and thanks" }]);
    slack.next("users.info", { user: { id: "U7", team_id: "T1", real_name: "Ben" } });
    slack.send(reply("E3", "ask <@U7>"));
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ text: "ask @Ben" }));
  });

  it("is acknowledged once it is stored, and not before", async () => {
    let stored = (): void => {};
    accept = async () =>
      new Promise<void>((resolve) => {
        stored = resolve;
      });
    const accepting = vi.fn(accept);
    accept = accepting;
    await start();
    slack.send(reply("E1"));
    await vi.waitFor(() => expect(accepting).toHaveBeenCalled());
    expect(slack.frames).toEqual([]);
    stored();
    await vi.waitFor(() => expect(slack.frames).toMatchObject([{ envelope_id: "E1" }]));
  });

  it("that could not be stored is not acknowledged, and stored when Slack delivers it again", async () => {
    const store = accept;
    accept = async () => {
      throw new StoreUnavailable("disk full");
    };
    await start();
    slack.send(reply("E1"));
    slack.send({ type: "slash_commands", envelope_id: "E2", payload: { command: "/sms", team_id: "T1" } });
    await vi.waitFor(() => expect(slack.frames).toMatchObject([{ envelope_id: "E2" }]));
    accept = store;
    slack.send({ ...reply("E3"), retry_attempt: 1, retry_reason: "timeout" });
    await vi.waitFor(() => expect(slack.frames.at(-1)).toMatchObject({ envelope_id: "E3" }));
    expect(slack.frames).toHaveLength(2);
    expect(events).toMatchObject([{ kind: "written", text: "hello" }]);
  });

  it("whose acknowledgement was lost on the way comes again under the same key", async () => {
    await start();
    slack.send(reply("E1"));
    slack.send({ ...reply("E2"), retry_attempt: 1, retry_reason: "timeout" });
    await vi.waitFor(() => expect(slack.frames).toHaveLength(2));
    expect(events[0]?.key).toBe(events[1]?.key);
  });

  it("under way is finished and acknowledged before stop disconnects", async () => {
    let stored = (): void => {};
    const accepting = vi.fn(
      async () =>
        new Promise<void>((resolve) => {
          stored = resolve;
        }),
    );
    accept = accepting;
    await start();
    slack.send(reply("E1"));
    await vi.waitFor(() => expect(accepting).toHaveBeenCalled());
    const stopped = adapter.stop();
    slack.send(reply("E2"));
    stored();
    await stopped;
    expect(slack.frames).toMatchObject([{ envelope_id: "E1" }]);
    await vi.waitFor(() => expect(slack.connections[0]?.readyState).toBe(3));
    expect(adapter.unwell()).toBe("stopped");
    expect(slack.callsOf("apps.connections.open")).toHaveLength(1);
  });
});
