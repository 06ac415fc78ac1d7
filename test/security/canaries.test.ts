/**
 * The whole bridge, through successes and faults of every kind, with words, numbers and tokens that stand nowhere else: none of them
 * may be found in its logs at debug level, in any answer of its HTTP server, or in what its commands print.
 */
import { describe, expect } from "vitest";
import type { World } from "../../src/sandbox/world.js";
import { BY_HTTP, EVENTS, test, type Office } from "../e2e/harness.js";
import { run } from "../e2e/program.js";
import { secretsOf } from "../e2e/secrets.js";

const IN = "+12015550171";
const REFUSED = "+12015550172";
const DESK = "+12015550173";
const FORGED = "+12015550174";
const UNLISTED = "+12015550142";
/** Every text holds it. */
const WORD = "kanarienvogel";
const SEND = { method: "POST", path: "/message/send/" } as const;

interface Heard {
  readonly where: string;
  readonly text: string;
}

/** What may be told nowhere. Numbers are looked for without the signs in between. */
function findings(heard: readonly Heard[], world: World): string[] {
  const tokens = secretsOf(world).filter((secret) => !secret.includes(WORD) && !/^\d+$/.test(secret));
  const numbers = [IN, REFUSED, DESK, FORGED, world.did].map((number) => number.slice(2));
  return heard.flatMap(({ where, text }) => {
    const digits = text.replaceAll(/(?<=\d)(?:%20|[\s().-])+(?=\d)/g, "");
    const found = [
      ...(text.toLowerCase().includes(WORD) ? [WORD] : []),
      ...tokens.filter((token) => text.includes(token) || text.includes(encodeURIComponent(token))),
      ...numbers.filter((number) => digits.includes(number)),
    ];
    return found.length === 0 ? [] : [`${where} tells ${found.join(", ")}: ${text.slice(0, 500)}`];
  });
}

/** Requests of all kinds, right and wrong, with canaries in every part. */
async function knocks(office: Office): Promise<Heard[]> {
  const { url, pbx, telegram } = office;
  const fields = { extension_id: "1234", src_number: FORGED, did_number: office.did, text: `${WORD} forged` };
  const form = (more: Record<string, string>): string => new URLSearchParams({ ...fields, ...more }).toString();
  const at = String(Math.floor(Date.now() / 1000));
  const requests: readonly [string, RequestInit][] = [
    [`${EVENTS}?${form({ EventType: "message-in" })}`, {}],
    [
      EVENTS,
      {
        method: "POST",
        body: form({ EventType: "voicemail" }),
        headers: { "content-type": "application/x-www-form-urlencoded" },
      },
    ],
    [EVENTS, { method: "POST", body: form({ EventType: "message-in", extension_id: `${WORD}${FORGED}` }) }],
    [
      EVENTS,
      {
        method: "POST",
        body: `{"text":"${WORD}","src_number":"${FORGED}"`,
        headers: { "content-type": "application/json" },
      },
    ],
    [EVENTS, { method: "POST", body: `${WORD} ${FORGED} ${telegram.botToken}` }],
    [EVENTS, { method: "POST", body: WORD.repeat(10_000) }],
    [EVENTS, { method: "PUT", body: WORD }],
    [`/pbx/events/${WORD}?${form({})}`, { method: "POST", body: form({}) }],
    [`/${WORD}/${FORGED}/${pbx.credentials.clientSecret}`, {}],
    [`/%zz${WORD}${FORGED}`, {}],
    [
      "/slack/events",
      {
        method: "POST",
        body: JSON.stringify({ event: { text: WORD } }),
        headers: { "x-slack-signature": WORD, "x-slack-request-timestamp": at },
      },
    ],
    [
      "/telegram/webhook",
      {
        method: "POST",
        body: JSON.stringify({ message: { text: WORD } }),
        headers: { "x-telegram-bot-api-secret-token": WORD },
      },
    ],
    ["/healthz", {}],
    ["/readyz", {}],
    ["/metrics", {}],
  ];
  const heard: Heard[] = [];
  for (const [path, init] of requests) {
    const answer = await fetch(`${url}${path}`, init);
    const head = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    heard.push({
      where: `the answer ${answer.status} to ${path.slice(0, 40)}`,
      text: `${head}\n${await answer.text()}`,
    });
  }
  return heard;
}

/** What a PBX may say when it refuses: all that it was told. */
const gossip = ({ pbx }: World): string =>
  JSON.stringify({
    message: `Could not send "${WORD} refused" to ${REFUSED} (201-555-0172), client_secret=${pbx.credentials.clientSecret}`,
  });

/** Telegram was told no text that it could not show, but has ids and a token. */
const telegramGossip = ({ telegram }: World): string =>
  `Bad Request: wrong /bot${telegram.botToken}/sendMessage for ${REFUSED}, token ${telegram.botToken}`;

async function successesAndFaults(office: Office): Promise<void> {
  const { pbx, slack, telegram, did, contact } = office;
  contact(IN).texts(`${WORD} in`);
  const thread = await office.slackThread(IN);
  const topic = await office.topic(IN);
  await topic.holds(new RegExp(`${WORD} in`));
  thread.says(`${WORD} out`);
  topic.says(`// ${WORD} note`);
  thread.says(`!${WORD} command`);
  thread.says("", { files: [{ name: `${WORD}.pdf`, mimetype: "application/pdf" }] });
  thread.says(`${WORD} of a guest`, {}, office.person({ name: WORD, displayName: WORD, guest: "multi" }));
  const edited = topic.says(`${WORD} typo`);
  await topic.holds(new RegExp(`${WORD} typo 👌`));
  telegram.edits(office.group, edited, `${WORD} edited`);
  const stranger = telegram.addUser({ firstName: WORD });
  telegram.says(telegram.privateChat(stranger), stranger, `${WORD} in private`);
  pbx.deskPhoneSends(did, DESK, `${WORD} from a desk phone`);
  contact(IN).texts(`${WORD} unlisted`, UNLISTED);
  await thread.presses("Don't send");

  pbx.fail({ kind: "status", code: 400, body: gossip(office), times: 1, ...SEND });
  contact(REFUSED).texts(`${WORD} from the refused one`);
  const refused = await office.slackThread(REFUSED);
  refused.says(`${WORD} refused`);
  await refused.holds(new RegExp(`${WORD} refused :x:`));

  const lost = ["garbage", "truncated", "reset after effect", "reset before effect"] as const;
  for (const kind of lost) {
    pbx.fail({ kind, times: 1, ...SEND });
    slack.fail({ kind, method: "chat.postMessage", times: 1 });
    telegram.fail({ kind, method: "sendMessage", times: 1 });
    contact(IN).texts(`${WORD} while ${kind}`);
    thread.says(`${WORD} out while ${kind}`);
    await thread.holds(new RegExp(`${WORD} while ${kind}`));
    await thread.holds(new RegExp(`${WORD} out while ${kind} :white_check_mark:`));
  }
  pbx.fail({ kind: "status", code: 500, body: gossip(office), times: 1, ...SEND });
  pbx.fail({ kind: "rate-limit", retryAfter: 1, times: 1, ...SEND });
  pbx.expireTokens();
  slack.fail({ kind: "rate-limit", retryAfter: 1, times: 1 });
  slack.fail({ kind: "status", code: 503, times: 2 });
  slack.fail({ kind: "error", error: "invalid_blocks", method: "chat.postMessage", times: 1 });
  telegram.fail({ kind: "rate-limit", retryAfter: 1, times: 1 });
  telegram.fail({ kind: "status", code: 500, description: telegramGossip(office), times: 1 });
  telegram.fail({ kind: "status", code: 400, description: telegramGossip(office), times: 1 });
  contact(IN).texts(`${WORD} in bad times`);
  topic.says(`${WORD} out in bad times`);
  // After lost answers the PBX's list is asked, more than once; what it cannot tell, a person decides.
  const decided = new RegExp(`${WORD} out in bad times (👌|👎)`);
  await office.eventually(() => expect(topic.lines().join("\n")).toMatch(decided), 90_000);
}

async function outages(office: Office): Promise<Heard[]> {
  await office.pbx.down(true);
  office.pbx.revokeClient(true);
  (await office.slackThread(IN)).says(`${WORD} while all is down`);
  await office.eventually(async () => expect((await office.get("/readyz")).status).toBe(503), 30_000);
  office.slack.down(true);
  office.telegram.down(true);
  office.contact(IN).texts(`${WORD} in while all is down`);
  const heard = await knocks(office);
  await office.pbx.down(false);
  heard.push(...(await prints(office, ["doctor"])));
  office.slack.down(false);
  office.telegram.down(false);
  office.pbx.revokeClient(false);
  return heard;
}

async function prints(office: Office, args: readonly string[]): Promise<Heard[]> {
  const { out, err } = await run(office, args).ended;
  return [
    { where: args.join(" "), text: out },
    { where: `${args.join(" ")} (errors)`, text: err },
  ];
}

describe("words, numbers and tokens", () => {
  test(
    "stand in no log line at debug level, in no answer, and in nothing that a command prints",
    { timeout: 240_000 },
    async ({ open }) => {
      const office = await open({
        bridge: { ...BY_HTTP, listsWithinSeconds: 1 },
        errors: /./,
        before: ({ pbx, did }) => pbx.addExtension({ id: 1234, name: "100*101", dids: [did, UNLISTED] }),
      });
      await successesAndFaults(office);
      const heard = [
        ...(await knocks(office)),
        ...(await prints(office, ["queue", "list"])),
        ...(await prints(office, ["queue", "list", "--json"])),
        ...(await prints(office, ["doctor"])),
        ...(await outages(office)),
        ...(await prints(office, ["queue", "retry", "7000000"])),
        ...(await prints(office, ["queue", "discard", "all"])),
      ];
      await office.eventually(async () => expect((await office.get("/readyz")).status).toBe(200), 60_000);
      // What the PBX refused for its credentials is tried again after a minute.
      await office.quiet(120_000);
      expect(office.logs.length).toBeGreaterThan(50);
      expect(heard.find(({ where }) => where === "queue list")?.text).toMatch(/text → pbx:1234 .*\n.*HTTP 400/);
      const logged = office.logs.map((text) => ({ where: "the log", text }));
      expect(findings([...heard, ...logged], office)).toEqual([]);
    },
  );
});
