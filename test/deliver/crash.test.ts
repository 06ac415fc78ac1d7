/** The process dies before any of its commits, and another one takes over: a step is repeated, and none is forgotten. */
import { describe, expect, it } from "vitest";
import { RetryLater, StoreUnavailable } from "../../src/errors.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { createWorld, startBridge, type RunningBridge } from "../fixtures/bridge.js";
import { ANNA } from "../fixtures/conversations.js";
import { mortalFile } from "../fixtures/mortal-file.js";

const MINUTE = 60_000;

type Step = (bridge: RunningBridge) => Promise<unknown>;

/** Goes through the steps with a process that dies before its commit `last + 1`; gives the bridge that saw the end. */
async function live(last: number, steps: readonly Step[]): Promise<{ bridge: RunningBridge; died: boolean }> {
  const world = createWorld();
  const file = openSqliteFile(":memory:");
  const mortal = mortalFile(file, last);
  let bridge = await startBridge({ world, file: mortal });
  let replaced = false;
  const replaceIfDead = async (): Promise<void> => {
    if (!mortal.isDead || replaced) return;
    replaced = true;
    void bridge.worker.stop(0);
    bridge = await startBridge({ world, file });
  };
  for (const step of steps) {
    const refused = await step(bridge).then(
      () => false,
      (error: unknown) => {
        if (!(error instanceof StoreUnavailable)) throw error;
        return true;
      },
    );
    if (!refused) await bridge.run(10_000);
    await replaceIfDead();
    // What was not taken is told again.
    if (refused) await step(bridge);
    await bridge.run(MINUTE);
  }
  return { bridge, died: replaced };
}

/** Runs the steps with a death before every commit there is, one after the other. */
async function dieEverywhere(steps: readonly Step[], check: (bridge: RunningBridge, when: string) => void) {
  let deaths = 0;
  for (let last = 0; ; last += 1) {
    const { bridge, died } = await live(last, steps);
    check(bridge, `dead before commit ${last + 1}`);
    expect(bridge.errors, `dead before commit ${last + 1}`).toEqual([]);
    if (!died) return deaths;
    deaths += 1;
  }
}

const hello: Step = ({ receive }) => receive("Hello");
const reply: Step = ({ write }) => write("slack", "Hi Anna", { key: "reply", post: "typed" as never });

describe("a reply in a thread whose opening was not answered", () => {
  it("waits until the thread is known, and is sent", async () => {
    const { slack, pbx, receive, run, write } = await startBridge();
    slack.script.fail("open", new RetryLater("no answer", { uncertain: true }), "after");
    await receive("Hello");
    await run();
    expect(slack.threads).toHaveLength(1);
    await write("slack", "Hi Anna");
    await run(MINUTE);
    expect(slack.threads).toHaveLength(1);
    expect(pbx.words()).toEqual(["Hi Anna"]);
  });

  it("shows that it went nowhere, and is kept, if the thread is not known after a minute", async () => {
    const { slack, receive, run, write, store } = await startBridge();
    slack.script.fail("open", new RetryLater("no answer", { uncertain: true }), "after");
    for (let tries = 0; tries < 300; tries += 1) slack.script.fail("find", new RetryLater("busy", { afterMs: 5000 }));
    await receive("Hello");
    await run();
    await write("slack", "Hi Anna", { post: "typed" as never });
    await run(3 * MINUTE);
    expect(slack.marks.get("typed" as never)).toBe("failed");
    expect(store.queue.counts().aside).toBe(1);
  });

  it("is waited for anew by each start: a bridge that keeps ending has no time to find it", async () => {
    const [world, file] = [createWorld(), openSqliteFile(":memory:")];
    const { slack, pbx } = world;
    slack.script.fail("open", new RetryLater("no answer", { uncertain: true }), "after");
    for (let tries = 0; tries < 18; tries += 1) slack.script.fail("find", new RetryLater("busy", { afterMs: 5000 }));
    const first = await startBridge({ world, file });
    await first.receive("Hello");
    await first.run();
    await first.write("slack", "Hi Anna", { post: "typed" as never });
    await first.run(50_000);
    await first.stop();
    const second = await startBridge({ world, file });
    await second.run(2 * MINUTE);
    expect(pbx.words()).toEqual(["Hi Anna"]);
    expect(slack.threads).toHaveLength(1);
  });

  it("is sent also when another thread was opened in the place of that one", async () => {
    const world = createWorld();
    const { telegram } = world;
    Object.assign(telegram, { twinOf: async () => telegram.threads.at(-1) });
    const { pbx, receive, run, write, store } = await startBridge({ world });
    telegram.script.fail("open", new RetryLater("no answer", { uncertain: true }), "after");
    await receive("Hello");
    await run(MINUTE);
    expect(telegram.threads).toHaveLength(2);
    await write("telegram", "Hi Anna", telegram.threads[0] === undefined ? {} : { thread: telegram.threads[0] });
    await run(MINUTE);
    expect(pbx.words()).toEqual(["Hi Anna"]);
    expect(store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });

  it("holds up no talk elsewhere, and not for longer than that", async () => {
    const { slack, receive, run, write, store } = await startBridge();
    slack.script.fail("open", new RetryLater("no answer", { uncertain: true }), "after");
    await receive("Hello");
    await run();
    await write("slack", "what is for lunch?", { thread: "a thread of people" as never });
    await run(MINUTE);
    expect(store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });
});

describe("a death before any commit", () => {
  it("texts the customer once and shows everything", async () => {
    const steps: Step[] = [hello, reply, ({ echo }) => echo("Hi Anna"), ({ status }) => status("sent", "Hi Anna")];
    const deaths = await dieEverywhere(steps, ({ pbx, slack, telegram, store }, when) => {
      expect(pbx.words(), when).toEqual(["Hi Anna"]);
      expect(slack.lines(), when).toEqual([`${ANNA.number}: Hello`]);
      expect(slack.threads, when).toHaveLength(1);
      expect(slack.marks.get("typed" as never), when).toBe("sent");
      // Telegram cannot be read back: what is shown there may be repeated, but nothing is missing or foreign.
      expect(new Set(telegram.lines()), when).toEqual(new Set([`${ANNA.number}: Hello`, "Eve (Slack): Hi Anna"]));
      expect(telegram.cards.size, when).toBeGreaterThan(0);
      expect(store.queue.counts(), when).toEqual({ waiting: [], aside: 0 });
    });
    expect(deaths).toBeGreaterThan(20);
  });

  it("opens one new thread with one recap for a thread that is gone", async () => {
    const remove: Step = async ({ slack }) => {
      const [thread] = slack.threads;
      if (thread !== undefined) slack.remove(thread);
    };
    await dieEverywhere([hello, remove, ({ receive }) => receive("Still there?")], ({ slack }, when) => {
      expect(slack.threads, when).toHaveLength(1);
      const lines = slack.posted.filter(({ thread }) => thread === slack.threads[0]).flatMap(({ post }) => post.texts);
      expect(
        lines.map(({ text }) => text),
        when,
      ).toEqual([expect.stringMatching(/earlier thread/), "Still there?"]);
    });
  });

  it("sends a reply that was edited while it waited once; in its first wording, or not at all, only if the thread says so", async () => {
    const edit: Step = ({ edit: change }) => change("slack", "typed" as never, "Hello Anna");
    const busy: Step = async ({ pbx }) => pbx.script.fail("send", new RetryLater("busy", { afterMs: 3 * MINUTE }));
    await dieEverywhere([hello, busy, reply, edit, ({ run }) => run(5 * MINUTE)], ({ pbx, slack }, when) => {
      const says = (words: RegExp): boolean => slack.lines().some((line) => words.test(line));
      // Once it is known that it had not left, its old words are not sent either.
      const unwanted = says(/changed or deleted where it was written/);
      const tooLate = says(/(had already been|may have been) sent/);
      expect(pbx.words(), when).toEqual(unwanted ? [] : [tooLate ? "Hi Anna" : "Hello Anna"]);
      // Words that the contact did not get bear no sign of having been sent.
      expect(slack.marks.get("typed" as never), when).toBe(unwanted ? "failed" : tooLate ? "ignored" : "sent");
    });
  });
});
