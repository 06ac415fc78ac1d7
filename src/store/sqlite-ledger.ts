/** The ledger's entries in SQLite. */
import type { ConversationId, MessageId } from "../message.js";
import type { Entry, EntryStatus, LedgerWriter } from "../ledger.js";
import type { Row, Sql } from "./sqlite.js";

export function sqliteLedger(sql: Sql): LedgerWriter {
  return {
    async add({ id, message, conversation, direction, digest, at, status, echoed, pbxId, origin }) {
      sql.run(
        `insert into ledger (id, message, conversation, direction, digest, at, status, echoed, pbx_id, origin)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
        [
          id,
          message,
          conversation,
          direction,
          digest,
          at,
          status,
          echoed ? 1 : 0,
          pbxId ?? null,
          origin === undefined ? null : JSON.stringify(origin),
        ],
      );
    },
    get: async (id) => sql.all("select * from ledger where id = ?", [id]).map(toEntry)[0],
    outgoing: async (conversation, since) =>
      sql
        .all("select * from ledger where conversation = ? and direction = 'out' and at >= ? order by at, id", [
          conversation,
          since,
        ])
        .map(toEntry),
    ofMessage: async (message) =>
      sql.all("select * from ledger where id > ? and id < ? order by id", [`${message}.`, `${message}/`]).map(toEntry),
    async forget(message) {
      sql.run("delete from ledger where id > ? and id < ?", [`${message}.`, `${message}/`]);
    },
    async change(id, { status, echoed, pbxId, digest, at }) {
      sql.run(
        `update ledger set status = coalesce(?, status), echoed = coalesce(?, echoed), pbx_id = coalesce(?, pbx_id),
         digest = coalesce(?, digest), at = coalesce(?, at) where id = ?`,
        [status ?? null, echoed === undefined ? null : Number(echoed), pbxId ?? null, digest ?? null, at ?? null, id],
      );
    },
  };
}

function toEntry(row: Row): Entry {
  return {
    id: String(row["id"]),
    message: String(row["message"]) as MessageId,
    conversation: String(row["conversation"]) as ConversationId,
    direction: row["direction"] === "in" ? "in" : "out",
    digest: String(row["digest"]),
    at: Number(row["at"]),
    status: String(row["status"]) as EntryStatus,
    echoed: row["echoed"] === 1,
    ...(row["pbx_id"] === null ? {} : { pbxId: String(row["pbx_id"]) }),
    ...(row["origin"] === null ? {} : { origin: JSON.parse(String(row["origin"])) as NonNullable<Entry["origin"]> }),
  };
}
