/** What a chat platform brings to the config: its section, and how its chats are written in a line's `to`. */
import type { z } from "zod";

export interface PlatformConfig<Name extends string = string, Section extends z.ZodType = z.ZodType> {
  /** The section's key, and the key of a place in a line's `to`; `platform` of the adapter. */
  readonly name: Name;
  readonly section: Section;
  /** The id of a chat. */
  readonly chat: z.ZodType<string>;
  /** The chat that stands in config.example.yaml: whoever has it has not filled it in yet. */
  readonly exampleChat: string;
  /** What several keys of the section must fulfil together, as a sentence and its remedy. `section`: as it was written. */
  check?(section: Written): readonly string[];
  /** What is wrong with a line's place beside the section, as a sentence and its remedy; undefined: nothing. Both as they were written. */
  checkChat?(chat: string, section: Written): string | undefined;
  /** Why the platform must reach this server, which needs `server.publicUrl` then; undefined: it need not. */
  needsAddress?(section: Written): string | undefined;
}

/** A section's values as they were written: texts, lists and maps. */
export type Written = Readonly<Record<string, unknown>>;
