import type { Line, Party } from "./message.js";

/**
 * The line that takes the texts of this number on this extension. A line that names the number comes before the line of
 * the extension that names none. `did`: E.164; absent if the PBX did not tell.
 */
export function lineFor(lines: readonly Line[], extension: number, did?: string): Line | undefined {
  const ofExtension = lines.filter((line) => line.extension === extension);
  const exact = did === undefined ? undefined : ofExtension.find((line) => line.did === did);
  return exact ?? ofExtension.find((line) => line.did === undefined);
}

/** What the PBX told of a text, with our number where it left that out and the extension surely has but one. `own`: that one. */
export function withOwnNumber<Told extends { readonly did?: Party }>(told: Told, own: Party | undefined): Told {
  return told.did !== undefined || own === undefined ? told : { ...told, did: own };
}

/** The extension's number, where its one line names it. */
export function ownNumber(lines: readonly Line[], extension: number): Party | undefined {
  const [only, ...more] = lines.filter((line) => line.extension === extension);
  return only?.did === undefined || more.length > 0 ? undefined : { number: only.did, wire: only.did };
}
