/** What SQLite complains of, in words that say what to do. */
import type LibsqlDatabase from "libsql";
import { StoreUnavailable } from "../errors.js";

export function unreadable(path: string, error: unknown): StoreUnavailable {
  const why = error instanceof Error ? error.message : String(error);
  return new StoreUnavailable(
    `cannot open the database ${path}: ${why}. Check that the folder exists and may be written; a damaged file is left as it is: ` +
      `move it away or restore a backup.`,
    { cause: error },
  );
}

export const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/;

export function storeFailure(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  const why = error instanceof Error ? error.message : String(error);
  if (DAMAGED.test(codeOf(error)))
    return new StoreUnavailable(
      `the database is damaged: ${why}. Nothing more is written into it. Stop this program, keep a copy of the file, then restore a ` +
        `backup or what \`sqlite3 FILE .recover\` finds.`,
      { cause: error },
    );
  return new StoreUnavailable(`the database could not be written: ${why}. ${remedyFor(codeOf(error))}`, {
    cause: error,
  });
}

function remedyFor(code: string): string {
  if (/FULL/.test(code)) return "Make room on its disk: then all goes on by itself.";
  if (/BUSY|LOCKED/.test(code)) return "Another program holds it; it is tried again.";
  return "Check that its disk is well and that this program may write there: then all goes on by itself.";
}

/** A sick store; whatever else SQLite complains of (a broken constraint, a value it cannot take) is a bug of ours. */
const SICK = /^SQLITE_(FULL|IOERR|READONLY|CORRUPT|BUSY|LOCKED|CANTOPEN|NOTADB|NOMEM|PROTOCOL|PERM|AUTH|INTERNAL)/;

export function isBug(database: LibsqlDatabase.Database, error: unknown): boolean {
  if (!database.open) return false;
  return !SICK.test(codeOf(error));
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
