/** A store of the links outside the bridge's own file: while it is away all waits, and people are told; once it is back all goes on. */
import { describe, expect } from "vitest";
import { redisIsInstalled, redisOnDisk } from "../fixtures/redis.js";
import { ALICE, test, type Office } from "./harness.js";
import { run } from "./program.js";

const SICK = /links|queue could not be worked|could not connect|polling failed/;
const AWAY =
  /"part":"links","ok":false,"reason":"The store of the links at redis:\/\/localhost:\d+ cannot be used: .*ECONNREFUSED.*Start that store/;

async function says(office: Office, status: number, body: RegExp): Promise<void> {
  await office.eventually(async () =>
    expect(await office.get("/readyz")).toEqual({ status, body: expect.stringMatching(body) as string }),
  );
}

/** The words of the log's troubles since then. */
const troubles = ({ logs }: Office, since: number): readonly string[] =>
  logs.slice(since).flatMap((line) => /"level":"(?:warn|error)".*"msg":"([^"]*)"/.exec(line)?.[1] ?? []);

describe.skipIf(!redisIsInstalled)("links in a Redis", { concurrent: true }, () => {
  test("that is not there at the start: /readyz and doctor say so, the log tells once, and all comes once it is", async ({
    open,
  }) => {
    const redis = await redisOnDisk();
    const office = await open({ waits: false, errors: SICK, bridge: { to: ["slack"], more: `links: ${redis.url}` } });
    office.onFinish(redis.end);
    await says(office, 503, AWAY);
    office.contact(ALICE).texts("is anybody there?");
    expect(office.logs.join()).not.toContain('"msg":"ready"');
    const doctor = await run(office, ["doctor"]).ended;
    expect(doctor).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^✗ Links: .*ECONNREFUSED.*Start that store/m) as string,
    });
    await new Promise((resolve) => setTimeout(resolve, 7000));
    expect(troubles(office, 0)).toEqual([...new Set(troubles(office, 0))]);
    await redis.start();
    const thread = await office.slackThread();
    await thread.reads("+1 201 555 0123: is anybody there?");
    thread.says("we are");
    await office.contact(ALICE).gets("we are");
    await office.eventually(async () => expect((await office.get("/readyz")).body).toMatch(/"part":"links","ok":true/));
    expect((await run(office, ["doctor"]).ended).out).toMatch(/^✓ Links: redis:.* takes and gives values$/m);
  });

  test("that dies in the midst of it: nothing is lost or doubled", async ({ open }) => {
    const redis = await redisOnDisk();
    await redis.start();
    const office = await open({ errors: SICK, bridge: { more: `links: ${redis.url}` } });
    office.onFinish(redis.end);
    office.contact(ALICE).texts("hello");
    const [thread, topic] = [await office.slackThread(), await office.topic()];
    await thread.holds(/hello/);
    await topic.holds(/hello/);
    await office.quiet();
    const since = office.logs.length;
    redis.freeze();
    office.contact(ALICE).texts("a text meanwhile");
    thread.says("a reply meanwhile");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await redis.kill();
    await says(office, 503, AWAY);
    await new Promise((resolve) => setTimeout(resolve, 7000));
    expect(office.contact(ALICE).got()).toEqual([]);
    expect(troubles(office, since)).toEqual([...new Set(troubles(office, since))]);
    await redis.start();
    await office.contact(ALICE).gets("a reply meanwhile");
    await office.quiet();
    expect(thread.lines().filter((line) => line.includes("meanwhile"))).toHaveLength(2);
    expect(topic.lines().filter((line) => line.includes("meanwhile"))).toHaveLength(2);
    expect(office.slack.messages(office.channel)).toHaveLength(1);
    await says(office, 200, /"ready":true/);
    expect(office.logs.join()).toContain("the store of the links can be used again");
  });

  test("that is away when the bridge is stopped keeps it no longer than others", async ({ open }) => {
    const office = await open({ closed: true, errors: SICK });
    const redis = await redisOnDisk();
    office.onFinish(redis.end);
    const program = run(office, ["start"], `${office.yaml}\nlinks: ${redis.url}\n`);
    await says(office, 503, AWAY);
    expect(await program.end()).toMatchObject({ code: 0, err: "" });
  });
});
