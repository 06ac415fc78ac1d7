/** Calls that fail: what the bridge is told, and that a repetition sets it right. */
import { describe, expect, it, vi } from "vitest";
import { GiveUp, RetryLater } from "../../../src/errors.js";
import { CARD, CONVERSATION, keepsSecrets, postOf, PRIVATE, startAndOpen } from "./scene.js";
import type { MakeStage, Stage, Trouble } from "./stage.js";

const LATER = { name: "RetryLater" };
/** Troubles after which a call may have taken effect. */
const UNSURE = ["failed", "lost call", "lost answer", "no answer"] as const;

async function failureOf(call: Promise<unknown>, stage: Stage): Promise<Error> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("The call did not fail.");
  keepsSecrets(`${error.message} ${String(error.stack)}`, stage);
  return error;
}

export function describeFailing(makeStage: MakeStage): void {
  describe("a call that fails", () => {
    const posting = async (trouble: Trouble) => {
      const scene = await startAndOpen(makeStage);
      const { adapter, stage, opened } = scene;
      const send = () => adapter.send(opened.thread, postOf(PRIVATE), "k1");
      stage.trouble.next("send", trouble);
      const times = () => stage.readable().filter((text) => text.includes(PRIVATE)).length;
      return { ...scene, send, times, failure: await failureOf(send(), stage) };
    };

    it.each([1000, 7000, 90_000])("because of a limit waits exactly as long as it was told: %i ms", async (afterMs) => {
      const { failure, times, send } = await posting({ kind: "limited", afterMs });
      expect(failure).toMatchObject({ ...LATER, scope: "target", afterMs, uncertain: false });
      expect(times()).toBe(0);
      await send();
      expect(times()).toBe(1);
    });

    it("for good, for what it holds, is given up with words for people", async () => {
      const { failure, times } = await posting({ kind: "refused" });
      expect(failure).toBeInstanceOf(GiveUp);
      expect(failure.message).toMatch(/\w+ \w+/);
      expect(times()).toBe(0);
    });

    it.each(UNSURE)("(%s) may have taken effect when it was to send or to open", async (kind) => {
      const { adapter, stage, failure } = await posting({ kind });
      const unsure = { ...LATER, scope: "delivery", uncertain: true };
      expect(failure).toMatchObject(unsure);
      stage.trouble.next("open", { kind });
      const opening = adapter.open({ ...CONVERSATION }, stage.place, CARD, "k2");
      expect(await failureOf(opening, stage)).toMatchObject(unsure);
    });

    it("(lost answer) took effect once, and is found where attempts are found", async () => {
      const { adapter, stage, times, opened } = await posting({ kind: "lost answer" });
      expect(times()).toBe(1);
      if (adapter.findPost === undefined) return;
      const found = await adapter.findPost(opened.thread, "k1", Date.now() - 60_000);
      expect(found && stage.seen(found)?.text).toContain(PRIVATE);
      stage.trouble.next("open", { kind: "lost answer" });
      await failureOf(adapter.open(CONVERSATION, stage.place, CARD, "k2"), stage);
      const thread = await adapter.findThread?.(stage.place, "k2", Date.now() - 60_000);
      expect(thread).toBeDefined();
      expect(thread?.thread).not.toBe(opened.thread);
    });

    it.each(UNSURE)("(%s) is simply repeated when it was to mark, to draw a card or to settle", async (kind) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      const written = stage.people.writes(opened.thread, "hello");
      const card = opened.card ?? (await adapter.showCard?.(opened.thread, CARD));
      const choices = [{ action: "send", subject: "m1", label: "Send" }] as const;
      const asked = await adapter.send(opened.thread, postOf("Send?", { choices }), "k1");
      const calls = {
        mark: async () => adapter.mark?.(written, "sent"),
        showCard: async () => adapter.showCard?.(opened.thread, { ...CARD, line: "Support" }, card),
        settle: async () => adapter.settle?.(asked, "Done.", "Send?"),
      };
      for (const verb of ["mark", "showCard", "settle"] as const) {
        if (adapter[verb] === undefined) continue;
        stage.trouble.next(verb, { kind });
        expect(await failureOf(calls[verb](), stage)).toMatchObject({ ...LATER, uncertain: false });
        await calls[verb]();
      }
      if (adapter.mark !== undefined) expect(stage.seen(written)?.signs).toHaveLength(1);
      if (card !== undefined && adapter.showCard !== undefined) expect(stage.seen(card)?.text).toContain("Support");
      if (adapter.settle !== undefined) expect(stage.seen(asked)?.text).toContain("Done.");
    });

    it("because nobody listens has certainly not happened", async ({ skip }) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      if (stage.trouble.vanishes === undefined) return skip("the platform cannot be out of reach");
      await stage.trouble.vanishes();
      // A kept connection that ended a moment ago leaves doubt, once.
      await adapter.send(opened.thread, postOf("hello"), "k0").catch(() => {});
      const sending = adapter.send(opened.thread, postOf(PRIVATE), "k1");
      expect(await failureOf(sending, stage)).toMatchObject({ ...LATER, uncertain: false });
    });

    it("because an admin has to mend something waits for them, tells what, and is well again afterwards", async ({
      skip,
    }) => {
      const { adapter, stage, opened } = await startAndOpen(makeStage);
      const { locksOut, letsIn } = stage.trouble;
      if (locksOut === undefined || letsIn === undefined) return skip("the bot cannot be locked out here");
      locksOut();
      const failure = await failureOf(adapter.send(opened.thread, postOf(PRIVATE), "k1"), stage);
      expect(failure).toMatchObject({
        ...LATER,
        scope: "target",
        afterMs: expect.any(Number) as number,
        uncertain: false,
      });
      expect(failure instanceof RetryLater && (failure.afterMs ?? 0) >= 10_000).toBe(true);
      if (adapter.unwell !== undefined) expect(adapter.unwell()).toBeTruthy();
      letsIn();
      await adapter.send(opened.thread, postOf(PRIVATE), "k1");
      await vi.waitFor(() => expect(adapter.unwell?.()).toBeUndefined());
    });
  });
}
