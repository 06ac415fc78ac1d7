/**
 * The PBX's times. Assumed: `YYYY-MM-DD HH:MM:SS` in GMT, as the field's name `init_time_gmt` says, sometimes with a fraction
 * after a comma or a dot. ISO 8601 (with `T`, `Z` or an offset), times without seconds, dates with slashes, and seconds or milliseconds
 * since 1970 are read as well, since builds of the API differ.
 */
const shape =
  /^(\d{4})([-/])(\d{2})\2(\d{2})[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|GMT|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;
/** Of this century and the end of the last one: seconds have nine or ten digits, milliseconds three more. */
const epoch = /^(\d{9,10})(?:\.(\d{1,9})|(\d{3}))?$/;

/** Epoch ms; undefined when it is no time. */
export function parseTime(raw: string): number | undefined {
  const count = epoch.exec(raw.trim());
  if (count !== null) return Number(count[1]) * 1000 + fraction(count[2] ?? count[3]);
  const parts = shape.exec(raw.trim());
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = [1, 3, 4, 5, 6, 7].map((at) =>
    Number(parts[at] ?? 0),
  );
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined;
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  // Set on its own: Date.UTC takes the years 0 to 99 for 1900 to 1999, and 2000 has every day that a year can have.
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCDate() !== day && second !== 60) return undefined;
  return date.getTime() + fraction(parts[8]) - offset(parts[9]);
}

/** As the PBX's list filters want it. The wire knows whole seconds only: part of a second is left out. */
export function formatTime(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

function fraction(digits: string | undefined): number {
  return digits === undefined ? 0 : Math.floor(Number(`0.${digits}`) * 1000 + 1e-6);
}

function offset(zone: string | undefined): number {
  const parts = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? "");
  if (parts === null) return 0;
  const minutes = Number(parts[2]) * 60 + Number(parts[3] ?? 0);
  return (parts[1] === "-" ? -minutes : minutes) * 60_000;
}
