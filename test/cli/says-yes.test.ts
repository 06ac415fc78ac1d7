import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { saysYes } from "../../src/cli/says-yes.js";

/** What somebody types at the question, and whether they leave then. */
async function answered(words: string, leaves = false) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const answer = saysYes("Erase all this? ", { stdin, stdout });
  stdin.write(words);
  if (leaves) stdin.end();
  return { yes: await answer, shown: String(stdout.read()) };
}

describe("a question that has to be answered with yes", () => {
  it.each(["yes\n", "YES\n", " yes \r\n"])("takes %j for it", async (words) => {
    expect(await answered(words)).toEqual({ yes: true, shown: "Erase all this? " });
  });

  it.each(["no\n", "y\n", "\n", "yes please\n", "ja\n"])("takes %j for a no", async (words) => {
    expect((await answered(words)).yes).toBe(false);
  });

  it.each(["", "ye"])("takes leaving after %j for a no", async (words) => {
    expect((await answered(words, true)).yes).toBe(false);
  });
});
