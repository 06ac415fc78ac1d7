import type { Line } from "./message.js";

/**
 * The line that takes the texts of this number on this extension. A line that names the number comes before the line of
 * the extension that names none. `did`: E.164; absent if the PBX did not tell.
 */
export function lineFor(lines: readonly Line[], extension: number, did?: string): Line | undefined {
  const ofExtension = lines.filter((line) => line.extension === extension);
  const exact = did === undefined ? undefined : ofExtension.find((line) => line.did === did);
  return exact ?? ofExtension.find((line) => line.did === undefined);
}
