/** Inline keyboards: the buttons under a message. Other kinds of keyboard are refused, the bridge has no use for them. */
import type { InlineKeyboardButton, InlineKeyboardMarkup } from "@grammyjs/types";
import { badRequest } from "./errors.js";
import type { Params } from "./params.js";
import { isRecord, nestedOf } from "./params.js";

/** Bytes of UTF-8. */
const LONGEST_DATA = 64;

/** The `reply_markup` parameter; undefined when there is none or it has no buttons. */
export function readKeyboard(params: Params): InlineKeyboardMarkup | undefined {
  const markup = nestedOf(params, "reply_markup", "can't parse reply keyboard markup JSON object");
  if (markup === undefined) return undefined;
  if (!isRecord(markup)) throw badRequest("object expected as reply markup");
  const rows = markup.inline_keyboard;
  if (rows === undefined) {
    if (Object.keys(markup).length === 0) return undefined;
    throw badRequest("the emulator knows inline keyboards only");
  }
  if (!Array.isArray(rows)) throw badRequest(`field "inline_keyboard" must be of type Array`);
  const keyboard = rows.map((row: unknown) => readRow(row)).filter((row) => row.length > 0);
  return keyboard.length === 0 ? undefined : { inline_keyboard: keyboard };
}

function readRow(row: unknown): InlineKeyboardButton[] {
  if (!Array.isArray(row)) throw badRequest(`field "inline_keyboard" must be an Array of Arrays`);
  return row.map((button: unknown) => readButton(button));
}

function readButton(button: unknown): InlineKeyboardButton {
  const refuse = (why: string) => badRequest(`can't parse inline keyboard button: ${why}`);
  if (!isRecord(button)) throw refuse("InlineKeyboardButton must be an Object");
  const { text, url, callback_data: data } = button;
  if (typeof text !== "string") throw refuse(`Can't find field "text"`);
  if (text === "") throw badRequest("inline keyboard button text must be non-empty");
  if (typeof url === "string" && url !== "") return { text, url };
  if (typeof data !== "string" || data === "") throw refuse("Text buttons are unallowed in the inline keyboard");
  if (Buffer.byteLength(data) > LONGEST_DATA) throw badRequest("BUTTON_DATA_INVALID");
  return { text, callback_data: data };
}
