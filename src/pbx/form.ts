/** The bytes of a form, as text. Assumed: a build may write Western letters in one byte (`%E9` for é), whatever charset it names. */
import { isUtf8 } from "node:buffer";

/** Windows-1252 from 0x80 to 0x9F; the rest of it is as in Unicode. A `TextDecoder` of Node knows only that rest in some versions. */
const windows = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** With its escapes in UTF-8, as `URLSearchParams` reads them. `text`: the body as UTF-8. */
export function formText(body: string | Uint8Array, text: string): string {
  // Mostly there is nothing beyond ASCII, or plain UTF-8.
  if (!/%[89a-f]|\ufffd/i.test(text)) return text;
  const wire = Buffer.from(body).toString("latin1");
  if (!isWestern(wire)) return text;
  return wire.replace(/%([89a-f][0-9a-f])|[\x80-\xff]/gi, (found, hex: string | undefined) =>
    encodeURIComponent(western(hex === undefined ? found.charCodeAt(0) : Number.parseInt(hex, 16))),
  );
}

/** There are letters beyond ASCII, and UTF-8 makes sense of none of them: of a text that was cut within a letter it does of the others. */
function isWestern(wire: string): boolean {
  const unescaped = wire.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const read = Buffer.from(unescaped, "latin1");
  return !isUtf8(read) && !/[^\p{ASCII}\ufffd]/u.test(read.toString("utf8"));
}

function western(code: number): string {
  return windows[code - 0x80] ?? String.fromCharCode(code);
}
