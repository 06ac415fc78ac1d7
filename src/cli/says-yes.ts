/** A question that a person at a terminal has to answer with `yes`. Anything else is a no; so is leaving, by Ctrl-C or Ctrl-D. */
import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";

export async function saysYes(
  question: string,
  { stdin: input, stdout: output }: { readonly stdin: Readable; readonly stdout: Writable },
): Promise<boolean> {
  const terminal = createInterface({ input, output });
  // Whoever leaves gets no answer from the question itself.
  const left = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  try {
    return (await Promise.race([terminal.question(question), left])).trim().toLowerCase() === "yes";
  } finally {
    terminal.close();
  }
}
