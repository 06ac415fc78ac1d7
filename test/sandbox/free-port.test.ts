import { createServer } from "node:net";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { freePort, isFree } from "../../src/sandbox/free-port.js";

/** IANA's are higher, and so is what Linux takes. */
const LOWEST_OF_OUTGOING = 32_768;

test("a free port can be listened on, and is none that an outgoing connection may take before that", async () => {
  for (let time = 0; time < 200; time += 1) {
    const port = await freePort();
    expect(port).toBeLessThan(LOWEST_OF_OUTGOING);
    expect(await isFree(port)).toBe(true);
  }
});

test("a port that somebody listens on is not free", async () => {
  const port = await freePort();
  const server = createServer().listen(port, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  expect(await isFree(port)).toBe(false);
});
