/** The ledger's entries in SQLite. */
import type { ConversationId, MessageId } from "../message.js";
import type { Entry, EntryStatus, LedgerWriter, Wording } from "../ledger.js";
import type { Recent } from "./recent.js";
import type { Row, Sql, SqlValue } from "./sql.js";

/** `recent` has noted every entry that is younger than any `since` that `equal` is asked for. */
export function sqliteLedger(sql: Sql, recent: Recent): LedgerWriter {
  const entries = (query: string, values: readonly SqlValue[]): readonly Entry[] => sql.all(query, values).map(toEntry);
  return {
    async add(entry) {
      const { id, conversation, direction, digest, at, status, echoed, calls = 0, pbxId, origin } = entry;
      recent.note(wordsOf(entry));
      sql.run(
        `insert into ledger (id, conversation, direction, digest, at, status, echoed, calls, pbx_id, origin)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
        [
          ...[id, conversation, direction, digest, at, status, Number(echoed), calls],
          ...[pbxId ?? null, origin === undefined ? null : JSON.stringify(origin)],
        ],
      );
    },
    get: async (id) => entries("select * from ledger where id = ?", [id])[0],
    outgoing: async (conversation, since) =>
      entries("select * from ledger where conversation = ? and direction = 'out' and at >= ? order by at, id", [
        conversation,
        since,
      ]),
    async equal(text, since) {
      if (!recent.has(wordsOf(text))) return [];
      return entries(
        "select * from ledger where at >= ? and conversation = ? and direction = ? and digest = ? order by at, id",
        [since, text.conversation, text.direction, text.digest],
      );
    },
    unlisted: async (extension, since) =>
      entries(
        "select * from ledger indexed by ledger_unlisted where at >= ? and pbx_id is null and conversation > ? and conversation < ? order by at, id",
        [since, ...conversationsOf(extension)],
      ),
    withPbxIds: async (extension, ids) =>
      ids.flatMap((id) =>
        entries("select * from ledger where pbx_id = ? and conversation > ? and conversation < ?", [
          id,
          ...conversationsOf(extension),
        ]),
      ),
    ofMessage: async (message) =>
      entries("select * from ledger where id > ? and id < ? order by id", [`${message}.`, `${message}/`]),
    async forget(message) {
      sql.run("delete from ledger where id > ? and id < ?", [`${message}.`, `${message}/`]);
    },
    async restart(id, former) {
      sql.run(
        `insert into ledger (id, conversation, direction, digest, at, status, echoed, calls, pbx_id)
         select ?, conversation, direction, digest, at, status, echoed, calls, pbx_id from ledger where id = ?`,
        [`${former}.000`, id],
      );
      sql.run("update ledger set status = 'queued', echoed = 0, calls = 0, pbx_id = null where id = ?", [id]);
    },
    async change(id, { status, echoed, calls, pbxId, digest, at, origin }) {
      sql.run(
        `update ledger set status = coalesce(?, status), echoed = coalesce(?, echoed), calls = coalesce(?, calls),
         pbx_id = coalesce(?, pbx_id), digest = coalesce(?, digest), at = coalesce(?, at), origin = coalesce(?, origin)
         where id = ?`,
        [
          ...[status ?? null, echoed === undefined ? null : Number(echoed), calls ?? null],
          ...[pbxId ?? null, digest ?? null, at ?? null],
          ...[origin === undefined ? null : JSON.stringify(origin), id],
        ],
      );
      // One that is sent again after days is as young as any.
      if (at === undefined && digest === undefined) return;
      const row = sql.get("select conversation, direction, digest from ledger where id = ?", [id]);
      if (row !== undefined) recent.note(wordsIn(row));
    },
  };
}

/** Notes the entries since `since` (epoch ms), as far as there is room. */
export function recall(sql: Sql, recent: Recent, since: number): void {
  const rows = sql.all("select conversation, direction, digest from ledger where at >= ? order by at desc limit ?", [
    since,
    recent.most,
  ]);
  for (const row of rows.toReversed()) recent.note(wordsIn(row));
}

/** As `wordsOf` the entry. */
function wordsIn(row: Row): string {
  return `${String(row["conversation"])} ${String(row["direction"])} ${String(row["digest"])}`;
}

function wordsOf({ conversation, direction, digest }: Wording): string {
  return `${conversation} ${direction} ${digest}`;
}

/** A conversation's id begins with its extension and a slash; the next character after the slash is `0`. */
function conversationsOf(extension: number): readonly [string, string] {
  return [`${extension}/`, `${extension}0`];
}

function toEntry(row: Row): Entry {
  const id = String(row["id"]);
  const calls = Number(row["calls"]);
  return {
    id,
    message: id.slice(0, id.lastIndexOf(".")) as MessageId,
    conversation: String(row["conversation"]) as ConversationId,
    direction: row["direction"] === "in" ? "in" : "out",
    digest: String(row["digest"]),
    at: Number(row["at"]),
    status: String(row["status"]) as EntryStatus,
    echoed: row["echoed"] === 1,
    ...(calls === 0 ? {} : { calls }),
    ...(row["pbx_id"] === null ? {} : { pbxId: String(row["pbx_id"]) }),
    ...(row["origin"] === null ? {} : { origin: JSON.parse(String(row["origin"])) as NonNullable<Entry["origin"]> }),
  };
}
