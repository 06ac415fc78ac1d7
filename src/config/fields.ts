/** The kinds of values in the config. Each takes the text of the file and says in plain words what it wants instead. */
import { isSupportedCountry } from "libphonenumber-js";
import * as z from "zod";
import { isAddressRange } from "../http/addresses.js";

/** A map with these keys and no others. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const keys = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: ({ code, input }) => {
      if (code === "unrecognized_keys") return "is not a key that this version knows";
      return input === undefined ? `is missing. It is a map; its keys: ${keys}` : `must be a map; its keys: ${keys}`;
    },
  });
}

/** `want`: a sentence that tells what to write. */
export function text(want: string) {
  return z
    .string({ error: (issue) => `${issue.input === undefined ? "is missing" : "holds a list or a map"}. ${want}` })
    .refine((value) => value !== "", { error: `is empty. ${want}`, abort: true });
}

/** A text that is not secret, so that a wrong one may be quoted. */
export function textLike(right: RegExp | ((value: string) => boolean), want: string) {
  const fits = right instanceof RegExp ? (value: string): boolean => right.test(value) : right;
  return text(want).refine(fits, { error: (issue) => `is "${String(issue.input)}". ${want}` });
}

/** What a program calls something, such as a field of an answer. */
export function fieldName(want: string) {
  return textLike(/^\S+$/, `${want}, without spaces`);
}

/** A text that must never be quoted. `wrong` tells what is wrong with one; undefined: nothing. */
export function secret(want: string, wrong: (value: string) => string | undefined = () => undefined) {
  return text(want).superRefine((value, context) => {
    const spaces = value.trim() === value ? undefined : `begins or ends with a space or a line break. ${want}`;
    const message = spaces ?? wrong(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}

export function wholeNumber(min: number, max: number) {
  const fits = (value: string): boolean => /^(0|-?[1-9]\d{0,14})$/.test(value) && between(Number(value), min, max);
  return textLike(fits, `Write a whole number from ${min} to ${max}`).transform(Number);
}

export function decimal(min: number, max: number) {
  const fits = (value: string): boolean => /^\d+(\.\d+)?$/.test(value) && between(Number(value), min, max);
  return textLike(fits, `Write a number from ${min} to ${max}`).transform(Number);
}

function between(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

export function yesOrNo() {
  return textLike(/^(true|false)$/, "Write true or false").transform((value) => value === "true");
}

export function oneOf<const T extends string>(names: readonly T[]) {
  const want = `Write one of: ${names.join(", ")}`;
  return text(want).pipe(z.enum(names, { error: (issue) => `is "${String(issue.input)}". ${want}` }));
}

/** `form`: `origin` is scheme and host only; `path` may go on, and comes out without a slash at the end. */
export function httpUrl(form: "origin" | "path", example: string) {
  const want = `Write ${form === "origin" ? "scheme and host only" : "an http or https address"}, such as ${example}`;
  return secret(want, (value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) return `is no web address. ${want}`;
    if (url.username !== "" || url.password !== "") return `holds a user name or a password. ${want}`;
    if (url.search !== "" || url.hash !== "") return `goes on with ? or #. ${want}`;
    if (form === "origin" && url.pathname !== "/") return `goes on after the host. ${want}`;
    return undefined;
  }).transform((value) => value.replace(/\/+$/, ""));
}

/** The last part of the event URL, so it may hold only what an URL carries unchanged. */
export function eventsSecret() {
  return secret(MAKE_SECRET, (value) => {
    const { length } = value;
    const wrong = [
      ...(length < 16 ? [`has ${length} characters, needs at least 16`] : []),
      ...(length > 200 ? [`has ${length} characters, takes at most 200`] : []),
      ...(/^[A-Za-z0-9_~.-]+$/.test(value) ? [] : ["holds characters that an URL does not carry"]),
    ];
    return wrong.length === 0 ? undefined : `${wrong.join(", and ")}. ${MAKE_SECRET}`;
  });
}

export const MAKE_SECRET = "Make one with: openssl rand -hex 24";

export function addressRange() {
  return textLike(isAddressRange, "Write an IP address or a CIDR range, such as 192.0.2.10 or 192.0.2.0/24");
}

export function country() {
  return textLike(isSupportedCountry, "Write a country by its two capital letters (ISO 3166), such as US or GB");
}

export function timeZone() {
  return textLike(isTimeZone, "Write a time zone by its name, such as Europe/Berlin or UTC");
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** SQLite only, for now. The password of a database URL must not be quoted. */
export function storageUrl() {
  const want = "Write sqlite: and a file, such as sqlite:data/bridge.db";
  return secret(want, (value) => {
    if (/^postgres(ql)?:/.test(value)) return `is PostgreSQL, which a later version will take. ${want}`;
    if (!/^sqlite:./.test(value)) return `is not a storage that this version knows. ${want}`;
    if (value.startsWith("sqlite::")) return `would forget every text at a restart. ${want}`;
    return value.startsWith("sqlite://") ? `has slashes after sqlite:. ${want} or sqlite:/data/bridge.db` : undefined;
  });
}

export function keyvUrl() {
  const want = "Write the URL of a Keyv store, or leave the key out to keep links in the same file";
  return secret(want, (value) => (/^[a-z][a-z0-9+.-]*:./.test(value) ? undefined : `is not an URL. ${want}`));
}
