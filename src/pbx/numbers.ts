/** Which number is meant, however the PBX wrote it: conversations are keyed by the answer. */
import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from "libphonenumber-js/min";
import type { Party } from "../message.js";

/**
 * The party behind a number as the PBX wrote it. Phone numbers become E.164; short codes and sender names stay what they
 * are, but for control characters: no number has any, and the database ends a text at a NUL. `country` (ISO 3166, such as `US`) reads
 * numbers that were written without a country code. Never throws.
 */
export function partyOf(raw: string, country: string): Party {
  const wire = raw.replaceAll(/\p{Cc}/gu, "");
  return { number: normalised(addressOf(wire), country), wire };
}

/** Whoever texts without telling a number: all of them are one contact, and none of them can be answered. */
export const WITHHELD: Party = { number: "number withheld", wire: "" };

/**
 * A number that somebody typed, as it is given to the PBX: E.164, or a short code as it stands. `country` as in `partyOf`. undefined: it
 * cannot be read, or is none that can be texted.
 */
export function numberToText(typed: string, country: string): string | undefined {
  const digits = digitsOf(addressOf(typed));
  // Without a + and unknown it is more likely mistyped.
  const number = /^\d+$/.test(digits) ? meant(digits, country) : partyOf(typed, country).number;
  return /^(\+\d{7,15}|\d{3,8})$/.test(number) ? number : undefined;
}

/** Numbers that are kept at hand: a few hundred bytes each. */
const MOST_REMEMBERED = 5000;

/** `partyOf` with a memory: the same numbers come again and again, and to read one costs as much as to store a text. */
export function createPartyReader(most = MOST_REMEMBERED): typeof partyOf {
  const known = new Map<string, Party>();
  return (raw, country) => {
    const key = `${country} ${raw}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const party = partyOf(raw, country);
    if (known.size >= most) known.clear();
    known.set(key, party);
    return party;
  };
}

/** For logs and errors: enough to recognise a number that one knows, too little to call it. */
export function mask(number: string): string {
  const digits = number.replace(/\D/g, "");
  return digits.length >= 7 ? `…${digits.slice(-4)}` : `…${number.slice(-2)}`;
}

/** Assumed: a PBX that speaks SIP may show its own addresses, `sip:+12025550100@pbx.example.com;user=phone`. */
function addressOf(raw: string): string {
  const inner = /<([^<>]+)>/.exec(raw)?.[1] ?? raw;
  const [, scheme, rest] = /^\s*(?:(sips?|tel):)?(.*)$/is.exec(inner) ?? [];
  const address = (rest ?? "").trim();
  if (scheme !== undefined) return (address.split(/[@;]/)[0] ?? "").trim();
  // Without a scheme only numbers and `prefix*extension` lose their domain: a mail address is a sender of its own.
  return /^([+\d*#\s().-]+)@/.exec(address)?.[1]?.trim() ?? address;
}

function normalised(address: string, country: string): string {
  const digits = digitsOf(address);
  if (!/^\+?\d+$/.test(digits)) return address;
  if (digits.startsWith("+")) return valid(parsed(digits)) ?? digits;
  const number = meant(digits, country);
  // Nobody knows such a number, or the library does not yet: the PBX may write it with the + and without.
  return number === digits && isWhole(digits) ? `+${digits}` : number;
}

function digitsOf(address: string): string {
  return address.normalize("NFKC").replace(/[\p{Cf}\p{Pd}\s()./]/gu, "");
}

/** What these digits without a + are: E.164 where that is known, else as they stand. */
function meant(digits: string, country: string): string {
  const plan = isSupportedCountry(country) ? country : undefined;
  if (isShortCode(digits, plan)) return digits;
  return readings(digits, plan).find((reading) => reading !== undefined) ?? digits;
}

/** Long enough to have a country's code in front, and with one. Those that begin with 1 have eleven digits: longer ones are services. */
function isWhole(digits: string): boolean {
  if (!/^[1-9]\d{10,14}$/.test(digits)) return false;
  const code = parsed(`+${digits}`)?.countryCallingCode;
  return code !== undefined && (code !== "1" || digits.length === 11);
}

/**
 * Short codes are told by their length, before the library sees them: given a country it turns 22395 into +1 22395. Seven and
 * eight digits are a short code in most countries and a whole phone number in some (Denmark, Singapore): there the plan decides.
 */
function isShortCode(digits: string, plan: CountryCode | undefined): boolean {
  if (/^\d{3,6}$/.test(digits)) return true;
  return /^\d{7,8}$/.test(digits) && (plan === undefined || valid(parsed(digits, plan)) === undefined);
}

/**
 * What a number without + may mean, likeliest first. Assumed: a PBX that leaves out the + writes whole international numbers. So one
 * that starts with our own country code is whole; else it is national if the country writes its numbers just so (2025550100 in the
 * United States, 0151… in Germany, but not 151…); and only then is it a foreign one.
 */
function readings(digits: string, plan: CountryCode | undefined): (string | undefined)[] {
  const dialled = digits.startsWith("00") ? valid(parsed(`+${digits.slice(2)}`)) : undefined;
  const whole = digits.startsWith("0") ? undefined : valid(parsed(`+${digits}`));
  const ours = plan !== undefined && digits.startsWith(getCountryCallingCode(plan));
  const national = plan === undefined ? undefined : parsed(digits, plan);
  const usual = national?.formatNational().replace(/\D/g, "") === digits;
  return [dialled, ours ? whole : undefined, usual ? valid(national) : undefined, whole, valid(national)];
}

function parsed(number: string, defaultCountry?: CountryCode): PhoneNumber | undefined {
  return parsePhoneNumberFromString(number, {
    extract: false,
    ...(defaultCountry === undefined ? {} : { defaultCountry }),
  });
}

function valid(number: PhoneNumber | undefined): string | undefined {
  return number?.isValid() === true ? number.number : undefined;
}
