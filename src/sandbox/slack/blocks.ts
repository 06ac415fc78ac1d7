/** Checks blocks as Slack does: the limits of docs.slack.dev/reference/block-kit, each complaint with its place. */
import { SlackError } from "./errors.js";
import { isRecord } from "./params.js";
import type { Block } from "./types.js";

const MAX_BLOCKS = 50;
/** Not documented; reported as the sum of the blocks' words at which posts fail. */
const MAX_TOTAL = 13_200;
const KNOWN_BLOCKS = new Set(
  "section divider header context actions image rich_text input markdown video file table context_actions".split(" "),
);
const RICH_CONTAINERS = new Set(["rich_text_section", "rich_text_preformatted", "rich_text_quote", "rich_text_list"]);
const RICH_LEAVES = new Set("text link emoji user usergroup channel broadcast date color team".split(" "));

type Fields = Record<string, unknown>;

interface Check {
  fail(path: string, message: string): void;
  readonly actionIds: Set<string>;
  readonly blockIds: Set<string>;
}

/** The blocks of a post or a modal, unless Slack would refuse them. */
export function checkBlocks(value: unknown, most = MAX_BLOCKS): Block[] {
  if (!Array.isArray(value)) throw new SlackError("invalid_blocks_format");
  const messages: string[] = [];
  const fail = (path: string, message: string) => messages.push(`[ERROR] ${message} [json-pointer:${path}]`);
  const check: Check = { fail, actionIds: new Set(), blockIds: new Set() };
  if (value.length > most) fail("/blocks", `no more than ${most} items allowed`);
  const blocks = value.filter((block): block is Block => isRecord(block) && typeof block.type === "string");
  if (blocks.length < value.length) fail("/blocks", "every block must be an object with a type");
  blocks.forEach((block, index) => checkBlock(check, `/blocks/${index}`, block));
  if (messages.length > 0) throw new SlackError("invalid_blocks", { response_metadata: { messages } });
  if (words(blocks) > MAX_TOTAL) throw new SlackError("msg_blocks_too_long");
  return blocks;
}

function words(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + words(item), 0);
  if (!isRecord(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) => sum + (key === "text" && typeof item === "string" ? item.length : words(item)),
    0,
  );
}

function checkBlock(check: Check, path: string, block: Fields): void {
  checkBlockId(check, path, block.block_id);
  switch (block.type) {
    case "section":
      return checkSection(check, path, block);
    case "header":
      return checkText(check, `${path}/text`, block.text, 150, "plain_text");
    case "context":
      return items(check, `${path}/elements`, block.elements, 10).forEach((item, index) => {
        if (item.type !== "image") checkText(check, `${path}/elements/${index}`, item, 3000);
      });
    case "actions":
      return items(check, `${path}/elements`, block.elements, 25).forEach((item, index) =>
        checkElement(check, `${path}/elements/${index}`, item),
      );
    case "rich_text":
      return checkRichText(check, path, block);
    case "markdown":
      return checkLength(check, `${path}/text`, block.text, 12_000);
    case "image":
      return checkLength(check, `${path}/alt_text`, block.alt_text, 2000);
    default:
      if (!KNOWN_BLOCKS.has(String(block.type))) check.fail(path, `unsupported type: ${String(block.type)}`);
  }
}

function checkBlockId(check: Check, path: string, id: unknown): void {
  if (id === undefined) return;
  if (typeof id !== "string" || id.length > 255)
    return check.fail(`${path}/block_id`, "must be less than 256 characters");
  if (check.blockIds.has(id)) check.fail(`${path}/block_id`, "block_id already exists");
  check.blockIds.add(id);
}

function checkSection(check: Check, path: string, block: Fields): void {
  if (block.text === undefined && block.fields === undefined)
    check.fail(path, "missing required field: text or fields");
  if (block.text !== undefined) checkText(check, `${path}/text`, block.text, 3000);
  if (block.fields !== undefined)
    items(check, `${path}/fields`, block.fields, 10).forEach((item, index) =>
      checkText(check, `${path}/fields/${index}`, item, 2000),
    );
  if (isRecord(block.accessory) && block.accessory.type !== "image")
    checkElement(check, `${path}/accessory`, block.accessory);
}

function checkElement(check: Check, path: string, element: Fields): void {
  const id = element.action_id;
  if (typeof id !== "string" || id === "") check.fail(path, "missing required field: action_id");
  else if (id.length > 255) check.fail(`${path}/action_id`, "must be less than 256 characters");
  else if (check.actionIds.has(id)) check.fail(`${path}/action_id`, `action_id ${id} already exists`);
  else check.actionIds.add(id);
  if (element.type === "button") checkButton(check, path, element);
  else checkOptions(check, path, element);
}

function checkButton(check: Check, path: string, button: Fields): void {
  checkText(check, `${path}/text`, button.text, 75, "plain_text");
  if (button.value !== undefined) checkLength(check, `${path}/value`, button.value, 2000);
  if (button.url !== undefined) checkLength(check, `${path}/url`, button.url, 3000);
  if (button.style !== undefined && button.style !== "primary" && button.style !== "danger")
    check.fail(`${path}/style`, "must be one of: primary, danger");
}

function checkOptions(check: Check, path: string, element: Fields): void {
  if (element.options === undefined) return;
  items(check, `${path}/options`, element.options, 100).forEach((option, index) => {
    checkText(check, `${path}/options/${index}/text`, option.text, 75);
    checkLength(check, `${path}/options/${index}/value`, option.value, 150);
  });
}

function checkRichText(check: Check, path: string, container: Fields): void {
  if (!Array.isArray(container.elements)) return check.fail(`${path}/elements`, "missing required field: elements");
  container.elements.forEach((element: unknown, index) => {
    const at = `${path}/elements/${index}`;
    const type = isRecord(element) ? String(element.type) : "";
    if (!isRecord(element)) check.fail(at, "must be an object");
    else if (RICH_CONTAINERS.has(type)) checkRichText(check, at, element);
    else if (container.type === "rich_text" || !RICH_LEAVES.has(type)) check.fail(at, `unsupported type: ${type}`);
    else if (type === "text") checkLength(check, `${at}/text`, element.text, Infinity);
  });
}

function checkText(check: Check, path: string, value: unknown, most: number, only?: "plain_text"): void {
  if (!isRecord(value)) return check.fail(path, "missing required field");
  const types = only === undefined ? ["plain_text", "mrkdwn"] : [only];
  if (typeof value.type !== "string" || !types.includes(value.type))
    check.fail(`${path}/type`, `must be one of: ${types.join(", ")}`);
  if (value.type === "mrkdwn" && value.emoji !== undefined) check.fail(`${path}/emoji`, "only allowed for plain_text");
  checkLength(check, `${path}/text`, value.text, most);
}

function checkLength(check: Check, path: string, value: unknown, most: number): void {
  if (typeof value !== "string") return check.fail(path, "must be a string");
  if (value.length < 1) check.fail(path, "must be more than 0 characters");
  if (value.length > most) check.fail(path, `must be less than ${most + 1} characters`);
}

function items(check: Check, path: string, value: unknown, most: number): Fields[] {
  if (!Array.isArray(value) || value.length === 0) {
    check.fail(path, "must provide at least one item");
    return [];
  }
  if (value.length > most) check.fail(path, `no more than ${most} items allowed`);
  return value.filter(isRecord);
}
