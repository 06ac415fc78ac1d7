/** A store of the links that answers and refuses to write, as a Redis does whose disk is full. */
import { expect, it } from "vitest";
import { LinksUnavailable } from "../../src/errors.js";
import { createWorld, startBridge } from "../fixtures/bridge.js";
import { ANNA, LINE, TELEGRAM } from "../fixtures/conversations.js";

const MINUTE = 60_000;

async function opened() {
  const refusing = { now: false };
  const world = createWorld();
  world.lines = [{ ...LINE, to: [TELEGRAM] }];
  const bridge = await startBridge({
    world,
    linksStore(store) {
      const set = store.set.bind(store);
      store.set = async (...given) => {
        if (refusing.now) throw new LinksUnavailable("MISCONF");
        return set(...given);
      };
      return store;
    },
  });
  return { ...bridge, refusing };
}

it("lets a post that cannot be found again be made once, and once more when it writes again", async () => {
  const { receive, run, telegram, refusing } = await opened();
  await receive("Hello");
  await run(1000);
  refusing.now = true;
  await receive("second");
  await run(2 * MINUTE);
  const second = `${ANNA.number}: second`;
  expect(telegram.lines().filter((line) => line.endsWith("second"))).toEqual([second]);
  refusing.now = false;
  await run(MINUTE);
  expect(telegram.posted.slice(1).map(({ post }) => post.repeat)).toEqual([undefined, true]);
});

it("lets no thread be opened again and again", async () => {
  const { receive, run, telegram, refusing } = await opened();
  refusing.now = true;
  await receive("Hello");
  await run(2 * MINUTE);
  expect(telegram.threads).toHaveLength(1);
  refusing.now = false;
  await run(MINUTE);
  expect(telegram.threads).toHaveLength(2);
  expect(telegram.lines()).toEqual([`${ANNA.number}: Hello`]);
});
