/** Takes out of words what no log may hold. For error messages, which come from anywhere and may quote anything. */

const hidden = "[hidden]";

const tokens: readonly (readonly [RegExp, string])[] = [
  // Slack: xoxb-…, xoxp-…, xapp-…, xoxe.xoxp-…
  [/\b(?:xox[a-z]|xapp)(?:\.xox[a-z])?-[\w-]+/g, hidden],
  // Telegram, alone or in an address of its API: bot123:abc/sendMessage
  [/\bbot\d+(?::|%3A)[\w-]+/gi, `bot${hidden}`],
  [/(?<![A-Za-z_:])\d{3,}(?::|%3A)[A-Za-z0-9_-]{20,}/gi, hidden],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${hidden}`],
  // The last part of the event URL, and Slack's addresses for answers, are secrets by themselves.
  // Within JSON their slashes may be escaped.
  [/((?:\\{0,8}\/|%2F){1,3}pbx(?:\\{0,8}\/|%2F){1,3}events(?:\\{0,8}\/|%2F){1,3})[^\s/?#"'<>\\]+/gi, `$1${hidden}`],
  [/(hooks\.slack\.com\\{0,8}\/)[^\s"'<>]+/g, `$1${hidden}`],
  [/(:\/\/)[^\s/@"'<>]+@/g, `$1${hidden}@`],
  // Slack's signature of a request, and its ticket for a connection.
  [/\b(v0=|ticket=)[^\s"'&,;}]+/gi, `$1${hidden}`],
  // As a form, as JSON (also within JSON), or in words; "no token: the PBX is down" stays.
  [/((?:secret|token|password|passwd|api_?key|client_id)=)[^\s"'&,;}]+/gi, `$1${hidden}`],
  [/((?:secret|token|password|passwd|api_?key|client_id)\\*["']\s*:\s*\\*["'])[^"'\\]+/gi, `$1${hidden}`],
  [/((?:secret|token|password|passwd|api_?key|client_id)\s*:?\s+)(?=\S*\d|\S{24})[\w.~+/=-]{12,}/gi, `$1${hidden}`],
];

/**
 * Seven digits or more, also with the usual signs in between or in front, written as in an address or not; not within a word
 * (`C0123456789`) and not an IPv4 address.
 */
const number =
  /(?<=%[0-9A-F]{2}|_|^|[^\w.]|(?<!\d)\.)(?!\d{1,3}(?:\.\d{1,3}){3}(?![\d.]))\+?\(?\d(?:[\s().-]{0,2}\d){6,}/g;

export function hideTokens(text: string): string {
  return tokens.reduce((rest, [pattern, replacement]) => rest.replaceAll(pattern, replacement), text);
}

/** Keeps the last two digits, so that two numbers can be told apart. */
export function hideNumbers(text: string): string {
  return text.replaceAll(number, (found) => `…${found.slice(-2)}`);
}
