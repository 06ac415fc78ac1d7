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

/** `nobody`: there is no terminal, so nobody can be asked. */
export type Decision = "yes" | "no" | "nobody";

type Terminal = { readonly isTTY?: boolean };

export async function decided(
  question: string,
  { stdin, stdout }: { readonly stdin: Readable & Terminal; readonly stdout: Writable & Terminal },
): Promise<Decision> {
  if (stdin.isTTY !== true || stdout.isTTY !== true) return "nobody";
  return (await saysYes(question, { stdin, stdout })) ? "yes" : "no";
}

export function nobodyToAsk(nothingDone: string): string {
  return `${nothingDone}: there is no terminal to ask on. Add --yes if this is wanted.\n`;
}
