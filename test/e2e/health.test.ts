/** Point 12: what the bridge tells of itself, and what it never tells. */
import { describe, expect } from "vitest";
import { ALICE, BY_HTTP, test } from "./harness.js";
import { run } from "./program.js";
import { secretsOf } from "./secrets.js";

interface Ready {
  readonly ready: boolean;
  readonly parts: readonly { readonly part: string; readonly ok: boolean; readonly reason?: string }[];
}

describe.concurrent("health", () => {
  test("/readyz names every part and, for one that is down, the reason, until it is back", async ({ open }) => {
    const office = await open({ errors: /WebSocket error|could not connect|new WSS URL/ });
    const readyz = async (): Promise<Ready> => JSON.parse((await office.get("/readyz")).body) as Ready;
    expect(await readyz()).toEqual({
      ready: true,
      parts: ["store", "pbx", "slack", "telegram"].map((part) => ({ part, ok: true })),
    });
    office.slack.down(true);
    office.telegram.down(true);
    await office.eventually(async () => {
      const { ready, parts } = await readyz();
      expect(ready).toBe(false);
      expect(parts.filter(({ ok }) => !ok).map(({ part }) => part)).toEqual(["slack", "telegram"]);
      expect(parts.filter(({ ok }) => !ok).every(({ reason = "" }) => reason.length > 10)).toBe(true);
    });
    expect((await office.get("/readyz")).status).toBe(503);
    expect((await office.get("/healthz")).status).toBe(200);
    office.contact(ALICE).texts("kept meanwhile");
    office.slack.down(false);
    office.telegram.down(false);
    await office.eventually(async () => expect((await readyz()).ready).toBe(true), 30_000);
    await (await office.slackThread()).reads("+1 201 555 0123: kept meanwhile");
    await (await office.topic()).reads("bot: kept meanwhile");
  });

  test("/readyz names a PBX that stopped answering, until it takes texts again", async ({ open }) => {
    const office = await open();
    const readiness = async () => (await office.get("/readyz")).body;
    office.contact(ALICE).texts("are you there?");
    const thread = await office.slackThread();
    await office.pbx.down(true);
    thread.says("yes");
    await office.eventually(async () => expect(await readiness()).toMatch(/"part":"pbx","ok":false,"reason":".{10,}"/));
    await office.pbx.down(false);
    await thread.holds("Anna: yes :white_check_mark:");
    expect(await readiness()).toMatch(/"ready":true/);
  });

  test("a token that is refused is named in /readyz with its remedy", async ({ open }) => {
    const office = await open({ closed: true, errors: /could not connect/ });
    office.slack.revokeToken();
    run(office, ["start"]);
    await office.eventually(async () =>
      expect((await office.get("/readyz")).body).toMatch(/slack\.botToken: Slack refuses the app .* Install the app/),
    );
  });

  test("/metrics counts events, deliveries, waits and failures under their names", async ({ open }) => {
    const office = await open();
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    office.slack.fail({ kind: "rate-limit", retryAfter: 1, method: "chat.postMessage", times: 1 });
    thread.says("a reply");
    await thread.holds("Anna: a reply :white_check_mark:");
    await (await office.topic()).holds("bot: hello there", "bot: Anna (Slack) / a reply 👌");
    await office.quiet();
    const { body } = await office.get("/metrics");
    for (const line of [
      /^bridge_pbx_events_total\{kind="text-in"\} 1$/m,
      /^bridge_pbx_events_total\{kind="text-out"\} 1$/m,
      /^bridge_deliveries_total\{target_kind="pbx",kind="text",result="done"\} 1$/m,
      /^bridge_deliveries_total\{target_kind="slack",kind="post",result="done"\} \d/m,
      /^bridge_deliveries_total\{target_kind="telegram",kind="mark",result="done"\} \d/m,
      /^bridge_delivery_delay_seconds_count\{target_kind="pbx"\} 1$/m,
      /^bridge_attempt_seconds_count\{target_kind="slack"\} \d/m,
      /^bridge_unmatched_total 0$/m,
      /^bridge_set_aside 0$/m,
    ])
      expect(body).toMatch(line);
  });

  test("a whole run of the program, failures included, logs no text, no number and no secret", async ({ open }) => {
    const office = await open({ closed: true, bridge: BY_HTTP, errors: /./ });
    const program = run(office, ["start"], `${office.yaml}\nlog: { level: debug }\n`);
    await program.ready();
    office.contact(ALICE).texts("the words of a customer");
    const thread = await office.slackThread();
    const topic = await office.topic();
    for (const method of ["chat.postMessage", "reactions.add", "users.info"])
      for (const kind of ["reset after effect", "garbage", "truncated"] as const)
        office.slack.fail({ kind, method, times: 1 });
    for (const kind of ["reset before effect", "garbage"] as const)
      office.telegram.fail({ kind, method: "sendMessage", times: 1 });
    const body = `{"message":"${ALICE} cannot take: words of a colleague"}`;
    office.pbx.fail({ kind: "status", code: 400, body, times: 1, method: "POST", path: "/message/send/" });
    thread.says("words of a colleague");
    await thread.holds(/^bot: Not delivered/);
    topic.says("words in Telegram");
    await topic.holds("Boris: words in Telegram 👌");
    await office.get("/pbx/events/some-wrong-secret?EventType=message-in&text=guess");
    office.pbx.textFrom("+12015550177", office.did, "from somebody else");
    await office.slackThread("+12015550177");
    const { code, out, err } = await program.end();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.split("\n").length).toBeGreaterThan(20);
    const words = ["words of a colleague", "words in Telegram", "2015550177", ...secretsOf(office)];
    expect(words.filter((word) => out.includes(word))).toEqual([]);
  });
});
