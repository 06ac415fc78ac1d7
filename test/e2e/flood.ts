/** Many texts at once, under the limits that Slack and Telegram set. */
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { Office } from "./harness.js";

export const CONTACTS = Array.from({ length: 12 }, (_, index) => `+120155502${String(index).padStart(2, "0")}`);
const TEXTS_EACH = 10;
const LATE_COMER = "+12015550299";
const OTHER_DID = "+12015550101";

export const limited = { slack: { paceLimits: true }, telegram: { paceLimits: true } };
export const twoNumbers = ({ pbx, did }: Office) =>
  pbx.addExtension({ id: 1234, name: "100*101", dids: [did, OTHER_DID] });
export const otherLine = (place: string) =>
  `  - { name: Other, extension: 1234, did: "${OTHER_DID}", to: [{ ${place} }] }`;

/** 120 texts of 12 contacts, in turn, within 2 s. */
export async function flood(office: Office): Promise<void> {
  for (let round = 0; round < TEXTS_EACH; round += 1) {
    for (const contact of CONTACTS) office.contact(contact).texts(textOf(contact, round));
    await pause(180);
  }
}

const textOf = (contact: string, round: number): string => `<${round} of ${contact.slice(-2)}>`;
export const allOf = (contact: string): string[] =>
  Array.from({ length: TEXTS_EACH }, (_, round) => textOf(contact, round));
export const textsIn = (lines: readonly string[]): string[] => lines.join(" ").match(/<\d+ of \d+>/g) ?? [];

/** Milliseconds until a text to the other line, sent while the flood is worked off, has been shown. */
export async function showsElsewhere(office: Office, shown: (text: string) => boolean): Promise<number> {
  await pause(3000);
  const since = performance.now();
  office.contact(LATE_COMER).texts("for the other channel", OTHER_DID);
  await office.eventually(() => expect(shown("for the other channel"), "the other channel's text").toBe(true));
  return performance.now() - since;
}

export function report(what: string, figures: Record<string, number>): void {
  const words = Object.entries(figures).map(([name, value]) => `${name} ${Math.round(value)}`);
  process.stdout.write(`backlog, ${what}: ${words.join(", ")}\n`);
}
