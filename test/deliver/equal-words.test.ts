/** Replies with the words of an earlier one, whose answers, echoes or lists go astray: each is sent once, and no phone is made up. */
import { describe, expect, it } from "vitest";
import { GiveUp, RetryLater } from "../../src/errors.js";
import { createWorld, type RunningBridge } from "../fixtures/bridge.js";
import { LINE } from "../fixtures/conversations.js";
import { MINUTE, opened } from "./opened.js";

const lost = () => new RetryLater("no answer", { uncertain: true });
const fromPhone = ({ slack }: RunningBridge): readonly string[] =>
  slack.lines().filter((line) => line.startsWith(LINE.name));

describe.each([true, false])("where the PBX's answers have ids: %s", (givesIds) => {
  const started = async () => {
    const bridge = await opened({ catchesUp: true, world: createWorld({ givesIds }) });
    await bridge.run(2 * MINUTE);
    return bridge;
  };

  it("one that was refused does not stand for another in the list, although that one's echo comes twice", async () => {
    const { write, run, echo, pbx } = await started();
    pbx.script.fail("send", new GiveUp("Refused: no credit."));
    await write("slack", "OK");
    await run(MINUTE);
    await write("slack", "OK");
    await run(1000);
    for (let time = 0; time < 2; time += 1) await echo("OK");
    await run(5 * MINUTE);
    expect(pbx.words()).toEqual(["OK"]);
    pbx.script.fail("send", lost(), "after");
    await write("slack", "OK");
    await run(10 * MINUTE);
    expect(pbx.words()).toEqual(["OK", "OK"]);
  });

  it.each([1, 2])(
    "one that perhaps left does not take the place, or the echo, of one that is written again (%i)",
    async (echoes) => {
      const { write, run, echo, pbx } = await started();
      for (let time = 0; time < 2; time += 1) pbx.script.fail("send", lost());
      await write("slack", "OK");
      await run(5 * MINUTE);
      expect(pbx.words()).toEqual([]);
      pbx.script.fail("send", lost(), "after");
      pbx.script.fail("list", new RetryLater("busy"));
      await write("slack", "OK");
      await run(500);
      for (let time = 0; time < echoes; time += 1) await echo("OK");
      await run(30 * MINUTE);
      expect(pbx.words()).toEqual(["OK"]);
    },
  );
});

describe("an echo that is told again while an equal text is under way", () => {
  const toldAgain = async () => {
    const bridge = await opened({ catchesUp: true });
    const { run, write, echo } = bridge;
    await run(2 * MINUTE);
    await write("slack", "OK");
    await run(1000);
    await echo("OK");
    await run(2 * MINUTE);
    await echo("OK");
    await run(500);
    return bridge;
  };

  it.each([0, 1])("takes its place from no text whose answer is lost (%i echoes of it)", async (echoes) => {
    const bridge = await toldAgain();
    const { write, run, echo, pbx, clock } = bridge;
    const { list } = pbx.messages;
    pbx.messages.list = async (...asked) => (await list(...asked)).filter(({ at = 0 }) => at + 3000 <= clock.now());
    pbx.script.fail("send", lost(), "after");
    await write("slack", "OK");
    await run(500);
    for (let time = 0; time < echoes; time += 1) await echo("OK");
    await run(10 * MINUTE);
    expect(pbx.words()).toEqual(["OK", "OK"]);
    expect(fromPhone(bridge)).toEqual([]);
  });

  it("makes no phone's text of one that is answered late", async () => {
    const bridge = await toldAgain();
    const { write, run, pbx, clock } = bridge;
    const { send } = pbx.messages;
    pbx.messages.send = async (...given) => {
      const answer = await send(...given);
      await clock.sleep(5000);
      return answer;
    };
    await write("slack", "OK");
    await run(10 * MINUTE);
    expect(fromPhone(bridge)).toEqual([]);
  });
});

it("two that perhaps left, and the echo of one told twice, are not told of for ever", async () => {
  const { write, run, echo, pbx, slack } = await opened({ catchesUp: true });
  await run(2 * MINUTE);
  for (let time = 0; time < 2; time += 1) pbx.script.fail("send", lost());
  await write("slack", "OK");
  await run(5 * MINUTE);
  pbx.script.fail("send", lost(), "after");
  pbx.script.fail("send", lost());
  pbx.script.fail("list", new RetryLater("busy"));
  await write("slack", "OK");
  await run(500);
  for (let time = 0; time < 2; time += 1) await echo("OK");
  await run(10 * MINUTE);
  const lines = slack.lines().length;
  await run(60 * MINUTE);
  expect(slack.lines()).toHaveLength(lines);
});

it("one that perhaps left long ago does not take the place of one that the list has late", async () => {
  const { write, run, pbx, clock } = await opened({ catchesUp: true });
  await run(2 * MINUTE);
  for (let time = 0; time < 2; time += 1) pbx.script.fail("send", lost());
  await write("slack", "OK");
  await run(5 * MINUTE);
  const at = clock.now() + 50_000;
  const { list } = pbx.messages;
  pbx.messages.list = async (...asked) =>
    (await list(...asked)).filter(({ direction }) => direction === "in" || clock.now() >= at + 12_000);
  await run(50_000);
  pbx.script.fail("send", lost(), "after");
  await write("slack", "OK");
  await run(30 * MINUTE);
  expect(pbx.words()).toEqual(["OK"]);
});
