/** Everything in the store, page by page: a reader holds up nobody and needs little memory, however much there is. */
import type { ConversationId, MessageId } from "../message.js";
import { toDelivery } from "../queue/sqlite-rows.js";
import type { State } from "../queue/port.js";
import type { Everything } from "./port.js";
import type { Row, Sql, SqlValue } from "./sql.js";

const PAGE_ROWS = 500;

export function sqliteEverything(sql: Sql): Everything {
  /** `select`: with a place for the last id before the page. */
  function* rows(select: string, first: SqlValue): Generator<Row> {
    for (let after = first; ;) {
      const page = sql.all(`${select} order by id limit ${PAGE_ROWS}`, [after]);
      yield* page;
      if (page.length < PAGE_ROWS) return;
      after = page.at(-1)?.["id"] ?? null;
    }
  }
  return {
    *conversations() {
      for (const { id } of rows("select id from conversations where id > ?", "")) yield String(id) as ConversationId;
    },
    *entries() {
      for (const row of rows("select id, conversation from ledger where id > ?", "")) {
        const id = String(row["id"]);
        const message = id.slice(0, id.lastIndexOf(".")) as MessageId;
        yield { message, conversation: String(row["conversation"]) as ConversationId };
      }
    },
    *deliveries() {
      for (const row of rows("select * from deliveries where id > ?", 0))
        yield { ...toDelivery(row), state: String(row["state"]) as State };
    },
  };
}
