/** Point 3: the extensions' event subscriptions point at this server, whatever was there before. */
import { describe, expect } from "vitest";
import { ALICE, EVENTS, test, type Office } from "./harness.js";
import { run } from "./program.js";

const SLACK = { to: ["slack"] } as const;
const TYPES = ["message-in", "message-out", "message-out-status"];

function subscribed({ pbx, url }: Office): string[] {
  return pbx
    .subscriptions()
    .filter((one) => one.url === `${url}${EVENTS}`)
    .map(({ type, method }) => `${method} ${type}`)
    .toSorted();
}

/** Calls the PBX's API for events as somebody else does. */
async function byHand({ pbx, extension }: Office, method: string, path: string, body?: object): Promise<void> {
  const token = await fetch(`${pbx.url}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: pbx.credentials.clientId,
      client_secret: pbx.credentials.clientSecret,
    }),
  });
  const { access_token } = (await token.json()) as { access_token: string };
  const answer = await fetch(`${pbx.url}/api/ver1.0/extension/${extension}/event/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${access_token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
}

/** Subscribes as somebody did before the bridge came. */
const earlier = (office: Office, url: string, type: string, method = "POST"): Promise<void> =>
  byHand(office, "POST", "", { url, event_type: type, method });

async function removeAll(office: Office): Promise<void> {
  for (const { id } of office.pbx.subscriptions()) await byHand(office, "DELETE", id);
}

const LOST = /"level":"warn".*had lost its subscriptions/;

describe.concurrent("event subscriptions", () => {
  test("are created at start for all three events, once, and are still the same after a restart", async ({ open }) => {
    const office = await open({ bridge: SLACK });
    const wanted = TYPES.map((type) => `POST ${type}`);
    await office.eventually(() => expect(subscribed(office)).toEqual(wanted));
    const before = office.pbx.subscriptions();
    await office.stop();
    await office.start();
    expect(office.pbx.subscriptions()).toEqual(before);
  });

  test("of ours that are stale are replaced, and those of others are left alone", async ({ open }) => {
    const crm = "http://crm.example.com/hooks/sms";
    const office = await open({
      bridge: SLACK,
      before: async (place) => {
        await earlier(place, `${place.url}/pbx/events/an-older-secret-of-ours`, "message-in");
        await earlier(place, `${place.url}${EVENTS}`, "message-out", "GET");
        await earlier(place, crm, "message-in");
        await earlier(place, crm, "hangup");
      },
    });
    expect(subscribed(office)).toEqual(TYPES.map((type) => `POST ${type}`));
    const others = office.pbx.subscriptions().filter(({ url }) => url !== `${office.url}${EVENTS}`);
    expect(others.map(({ url, type }) => `${url} ${type}`)).toEqual([`${crm} message-in`, `${crm} hangup`]);
  });

  test("make room for themselves where the PBX allows only few", async ({ open }) => {
    const office = await open({
      bridge: SLACK,
      world: { pbx: { eventLimit: 3 } },
      before: async (place) => {
        for (const type of TYPES) await earlier(place, `${place.url}/pbx/events/an-older-secret-of-ours`, type);
      },
    });
    expect(subscribed(office)).toEqual(TYPES.map((type) => `POST ${type}`));
    expect(office.pbx.subscriptions()).toHaveLength(3);
  });

  test("need no status event: where the PBX refuses it but tells it along with message-out, marks follow all the same", async ({
    open,
  }) => {
    const quirks = { refusesStatusEvents: true, statusComesWithOut: true };
    const office = await open({ bridge: SLACK, world: { pbx: { quirks } } });
    expect(subscribed(office)).toEqual(["POST message-in", "POST message-out"]);
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    office.pbx.setSettling({ status: "failed", afterMs: 20 });
    thread.says("this one fails");
    await thread.holds("Anna: this one fails :x:");
    office.pbx.setSettling({ status: "sent", afterMs: 0 });
    await thread.presses("Retry");
    await thread.holds("Anna: this one fails :white_check_mark:");
  });

  test("are made as soon as a PBX that was down at the start is there", async ({ open }) => {
    const office = await open({
      bridge: SLACK,
      waits: false,
      errors: /could not connect/,
      before: ({ pbx }) => pbx.down(true),
    });
    await office.eventually(async () => {
      const { status, body } = await office.get("/readyz");
      expect({ status, body }).toMatchObject({
        status: 503,
        body: expect.stringMatching(/"pbx".*cannot be reached/) as unknown,
      });
    });
    await office.pbx.down(false);
    await office.eventually(() => expect(subscribed(office)).toHaveLength(3));
    await office.eventually(async () => expect((await office.get("/readyz")).status).toBe(200));
  });

  test("that somebody removed while the bridge runs are made again with the next text, which comes by catch-up, and said so", async ({
    open,
  }) => {
    const office = await open({ bridge: SLACK });
    office.contact(ALICE).texts("hello");
    const thread = await office.slackThread();
    await removeAll(office);
    office.contact(ALICE).texts("is anybody there?");
    await thread.holds(/recovered/, "+1 201 555 0123: is anybody there?");
    await office.eventually(() => expect(subscribed(office)).toEqual(TYPES.map((type) => `POST ${type}`)));
    await office.eventually(() => expect(office.logs.filter((line) => LOST.test(line))).toHaveLength(1));
    office.contact(ALICE).texts("good, you are");
    await thread.holds("+1 201 555 0123: good, you are");
    expect(
      office.pbx
        .events()
        .at(-1)
        ?.attempts.map(({ status }) => status),
    ).toEqual([200]);
  });

  test("that cannot be made again are named in /readyz with the reason", async ({ open }) => {
    const office = await open({ bridge: SLACK });
    office.contact(ALICE).texts("hello");
    const thread = await office.slackThread();
    await removeAll(office);
    const body = '{"message":"Event subscriptions are locked"}';
    office.pbx.fail({ kind: "status", code: 400, body, times: 99, method: "POST", path: "/event/" });
    office.contact(ALICE).texts("is anybody there?");
    await thread.holds("+1 201 555 0123: is anybody there?");
    await office.eventually(async () =>
      expect((await office.get("/readyz")).body).toMatch(
        /"part":"pbx","ok":false,"reason":"The events of extension 1234 cannot be subscribed to: .*are locked/,
      ),
    );
  });

  test("that are refused for one extension keep no other from catching up, and are named in /readyz", async ({
    open,
  }) => {
    const office = await open({ closed: true, errors: /could not be subscribed to/ });
    const line = `\n  - name: Old\n    extension: 9999\n    did: "+12015550109"\n    to:\n      - slack: ${office.channel}\n`;
    const program = run(office, ["start"], `${office.yaml.trimEnd()}${line}`);
    await office.eventually(async () =>
      expect((await office.get("/readyz")).body).toMatch(
        /"part":"pbx","ok":false,"reason":"The events of extension 9999 cannot be subscribed to/,
      ),
    );
    expect(subscribed(office)).toEqual(TYPES.map((type) => `POST ${type}`));
    office.contact(ALICE).texts("with an event");
    const thread = await office.slackThread();
    office.pbx.textFrom(ALICE, office.did, "without an event", { silent: true });
    await thread.holds(/recovered/, "+1 201 555 0123: without an event");
    await program.end();
  });

  test("that are refused at first leave nothing unseen of what comes meanwhile", async ({ open }) => {
    let refusal: { stop(): void } | undefined;
    const body = '{"message":"no access"}';
    const office = await open({
      bridge: SLACK,
      waits: false,
      errors: /could not be subscribed to/,
      before: ({ pbx }) =>
        void (refusal = pbx.fail({ kind: "status", code: 403, body, times: 999, method: "POST", path: "/event/" })),
    });
    await office.eventually(() => expect(office.logs.some((line) => line.includes("list the messages"))).toBe(true));
    office.contact(ALICE).texts("is anybody there?");
    await (await office.slackThread()).holds(/recovered/, "+1 201 555 0123: is anybody there?");
    refusal?.stop();
    await office.eventually(async () => expect((await office.get("/readyz")).status).toBe(200));
    expect(subscribed(office)).toHaveLength(3);
  });

  test("are left to others where the config says so, also while the bridge runs", async ({ open }) => {
    const office = await open({ closed: true });
    const program = run(office, ["start"], office.yaml.replace("events: {", "events: { register: false,"));
    await program.ready();
    office.contact(ALICE).texts("is anybody there?");
    office.contact(ALICE).texts("hello?");
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(office.pbx.subscriptions()).toEqual([]);
    expect(office.pbx.calls().filter(({ path }) => path.includes("/event/"))).toEqual([]);
    await program.end();
  });
});
