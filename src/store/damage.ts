/**
 * Looks at a database before SQLite does, which would write over what is left of a damaged one: it takes a write-ahead log for ended
 * where its checksums end, and a file for as long as it is. Texts that were acknowledged would silently be gone.
 * The format: https://www.sqlite.org/fileformat2.html
 */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";

const HEADER = 32;
const FRAME_HEADER = 24;

/** What is wrong; undefined: nothing that could be told from a crash in the middle of a write, which loses nothing. */
export function damageOf(path: string): string | undefined {
  const wal = `${path}-wal`;
  if (sizeOf(wal) <= HEADER) return isCutOff(path) ? "its end is missing" : undefined;
  return sizeOf(path) === 0 ? "it is missing or empty, while its write-ahead log is not" : damageOfLog(wal);
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

/** Whether the file is shorter than it says. Not with a log, which may hold the rest. */
function isCutOff(path: string): boolean {
  const size = sizeOf(path);
  const header = Buffer.alloc(100);
  if (size < header.length || !statSync(path).isFile()) return false;
  const file = openSync(path, "r");
  readSync(file, header);
  closeSync(file);
  if (header.toString("latin1", 0, 15) !== "SQLite format 3") return false;
  const pageSize = header.readUInt16BE(16);
  return size < header.readUInt32BE(28) * (pageSize === 1 ? 65_536 : pageSize);
}

function damageOfLog(wal: string): string | undefined {
  const bytes = readFileSync(wal);
  const damage = damageIn(bytes);
  // Another process may have begun the log anew while it was read.
  const again = damage === undefined ? bytes : readFileSync(wal);
  return again.subarray(0, HEADER).equals(bytes.subarray(0, HEADER)) ? damage : undefined;
}

function damageIn(wal: Buffer): string | undefined {
  const magic = wal.readUInt32BE(0);
  // Never written: a crash came before the first commit.
  if (wal.subarray(0, HEADER).every((byte) => byte === 0)) return undefined;
  const sum = checksums((magic & 1) === 1);
  const begun = sum(wal, 0, FRAME_HEADER, [0, 0]);
  if (magic >>> 1 !== 0x377f0682 >>> 1 || !isAt(wal, FRAME_HEADER, begun))
    return "the beginning of its write-ahead log is damaged";
  // Each commit is on disk before the next one begins: of two behind a broken place, at least one was acknowledged.
  return commitsBehindBreak(wal, begun, sum) < 2 ? undefined : "its write-ahead log is damaged in the middle";
}

type Sums = readonly [number, number];

function commitsBehindBreak(wal: Buffer, begun: Sums, sum: ReturnType<typeof checksums>): number {
  const size = FRAME_HEADER + wal.readUInt32BE(8);
  const salts = wal.subarray(16, FRAME_HEADER);
  let sums = begun;
  let broken = false;
  let commits = 0;
  for (let at = HEADER; at + size <= wal.length; at += size) {
    const ours = wal.subarray(at + 8, at + 16).equals(salts);
    sums = sum(wal, at + FRAME_HEADER, at + size, sum(wal, at, at + 8, sums));
    broken ||= !ours || !isAt(wal, at + 16, sums);
    if (broken && ours && wal.readUInt32BE(at + 4) !== 0) commits += 1;
  }
  return commits;
}

function isAt(wal: Buffer, at: number, [first, second]: Sums): boolean {
  return wal.readUInt32BE(at) === first && wal.readUInt32BE(at + 4) === second;
}

function checksums(isBigEndian: boolean) {
  return (bytes: Buffer, from: number, to: number, [first, second]: Sums): Sums => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    let s0 = first;
    let s1 = second;
    for (let at = from; at < to; at += 8) {
      s0 = (s0 + view.getUint32(at, !isBigEndian) + s1) >>> 0;
      s1 = (s1 + view.getUint32(at + 4, !isBigEndian) + s0) >>> 0;
    }
    return [s0, s1];
  };
}
