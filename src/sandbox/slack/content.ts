/** The words of a post as an app sends them: checked, and completed as Slack completes them. */
import { checkBlocks } from "./blocks.js";
import { SlackError } from "./errors.js";
import type { Params } from "./params.js";
import { isRecord, nested, optional } from "./params.js";
import type { Block, Metadata } from "./types.js";

/** Longer text is cut, with a warning. */
const MAX_TEXT = 40_000;
/** Not documented; reported in seratch/ChatGPT-in-Slack#17. */
const MAX_METADATA_BYTES = 4000;

export interface Content {
  readonly text?: string;
  readonly blocks?: readonly Block[];
  readonly attachments?: readonly unknown[];
}

/** Text, blocks or attachments; at least one of them says something. `blockId` names blocks that have no name. */
export function readContent(params: Params, blockId: () => string): Content {
  const text = optional(params, "text");
  const given = nested(params, "blocks", "invalid_blocks_format");
  const blocks = given === undefined ? undefined : nameBlocks(checkBlocks(given), blockId);
  const attachments = nested(params, "attachments", "invalid_attachments");
  if (attachments !== undefined && !Array.isArray(attachments)) throw new SlackError("invalid_attachments");
  const empty = (items: readonly unknown[] | undefined) => items === undefined || items.length === 0;
  if ((text ?? "").trim() === "" && empty(blocks) && empty(attachments)) throw new SlackError("no_text");
  return {
    ...(text === undefined ? {} : { text }),
    ...(blocks === undefined ? {} : { blocks }),
    ...(attachments === undefined ? {} : { attachments }),
  };
}

function nameBlocks(blocks: readonly Block[], blockId: () => string): Block[] {
  return blocks.map((block) => (block.block_id === undefined ? { ...block, block_id: blockId() } : block));
}

/** The text as it is stored, and the warning that belongs to it. */
export function cutText(text: string): { text: string; warning: Readonly<Record<string, unknown>> } {
  if (text.length <= MAX_TEXT) return { text, warning: {} };
  const cut = text.slice(0, MAX_TEXT).replace(/[\uD800-\uDBFF]$/, "");
  const warnings = ["message_truncated"];
  return { text: cut, warning: { warning: "message_truncated", response_metadata: { warnings } } };
}

/** Undefined: none was given. Null: an empty object, which takes away what a message has. */
export function readMetadata(params: Params): Metadata | null | undefined {
  const value = nested(params, "metadata", "invalid_metadata_format");
  if (value === undefined) return undefined;
  if (!isRecord(value)) throw new SlackError("invalid_metadata_format");
  if (Object.keys(value).length === 0) return null;
  const { event_type, event_payload } = value;
  if (typeof event_type !== "string" || event_type === "" || !isRecord(event_payload))
    throw new SlackError("invalid_metadata_format");
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_METADATA_BYTES) throw new SlackError("metadata_too_large");
  return { event_type, event_payload };
}
