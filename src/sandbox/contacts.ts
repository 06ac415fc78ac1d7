/** The people who text in the sandbox. All numbers are from the ranges that are kept free for fiction. */

export interface SandboxContact {
  /** E.164. */
  readonly number: string;
  /** As it stands in the contact's own phone; the bridge knows only the number. */
  readonly name: string;
}

export const CONTACTS: readonly SandboxContact[] = [
  { number: "+12015550142", name: "Maria Lopez" },
  { number: "+13125550117", name: "James Okafor" },
  { number: "+14155550168", name: "Mei Tanaka" },
  { number: "+16175550133", name: "Priya Nair" },
];

/** What has arrived when the page is opened for the first time. */
export const FIRST_TEXTS: readonly { readonly contact: string; readonly text: string }[] = [
  { contact: "+12015550142", text: "Hi! Is my bike ready? I dropped it off on Monday." },
  { contact: "+13125550117", text: "Do you have the blue helmet in size L?" },
];

/** A contact by number, however it is written: `+1 201-555-0142 · Sales` is Maria's topic. */
export function contactIn(words: string): SandboxContact | undefined {
  const digits = words.replaceAll(/\D/g, "");
  return CONTACTS.find(({ number }) => digits.startsWith(number.slice(1)));
}

export function firstName({ name }: SandboxContact): string {
  return name.split(" ", 1)[0] ?? name;
}
