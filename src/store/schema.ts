/**
 * The whole schema, on one screen. Times are epoch milliseconds. Ids that adapters or the PBX made are opaque text.
 * Few indexes: what is written at every event decides how many events a second fit. The ledger's ids and the keys of texts begin
 * with their message's id, so their primary keys find a message's rows too.
 *
 * - conversations: a line's number and a contact, with the numbers as the PBX writes them; `at`: when it was last noted, to the day
 * - ledger: which texts of a conversation are known; holds a digest, never the text
 * - deliveries: durable work; `body` is JSON and the only place where text is kept, until `keep_until` at the latest. `id` is its place
 *   in line; `number` its first id, where it has got another place since, which is what people call it
 *   (`deliveries_by_lane` begins with the span of ids, so that what is added now lies together however many lanes there are: with
 *   the lane in front, every lane's next row is a page of its own, and most of what a commit writes)
 * - lanes: one row per lane that has waiting deliveries: its oldest one and when that is due
 * - leases: who works a target now
 * - seen: events that were taken before (a platform may deliver one several times)
 * - links: what Keyv stores
 */
export const SCHEMA_VERSION = "3";

export const SCHEMA = `
create table if not exists meta (key text primary key, value text not null) without rowid;

create table if not exists conversations (
  id text primary key, line text not null, extension integer not null,
  did text, did_wire text, contact text not null, contact_wire text not null, at integer not null
) without rowid;
create index if not exists conversations_by_age on conversations (at);

create table if not exists ledger (
  id text primary key, conversation text not null, direction text not null, digest text not null, at integer not null,
  status text not null, echoed integer not null default 0, calls integer not null default 0, pbx_id text, origin text
) without rowid;
create index if not exists ledger_outgoing on ledger (conversation, at) where direction = 'out';
create index if not exists ledger_by_age on ledger (at);
create index if not exists ledger_unlisted on ledger (at) where pbx_id is null;
create index if not exists ledger_by_pbx_id on ledger (pbx_id) where pbx_id is not null;

create table if not exists deliveries (
  id integer primary key autoincrement, key text not null unique, lane text not null, target text not null,
  urgency integer not null, kind text not null, message text, body text not null, state text not null,
  due_at integer not null, created_at integer not null, attempts integer not null default 0, first_attempt_at integer,
  attempt text, uncertain integer not null default 0, reason text, keep_until integer, number integer
);
create index if not exists deliveries_by_lane on deliveries (id / 1024, lane) where state = 'waiting';
create index if not exists deliveries_aside on deliveries (id) where state in ('set-aside', 'held');
create index if not exists deliveries_aside_by_lane on deliveries (lane) where state in ('set-aside', 'held');
create index if not exists deliveries_done on deliveries (keep_until) where state = 'done';

create table if not exists lanes (
  lane text primary key, target text not null, urgency integer not null, head integer not null, due_at integer not null
) without rowid;
create index if not exists lanes_by_target on lanes (target, urgency, head);

create table if not exists leases (target text primary key, owner text not null, until integer not null) without rowid;

create table if not exists seen (key text primary key, at integer not null) without rowid;
create index if not exists seen_by_age on seen (at);

create table if not exists links (
  namespace text not null, key text not null, value text not null, expires_at integer, primary key (namespace, key)
) without rowid;
create index if not exists links_by_end on links (expires_at) where expires_at is not null;
`;

/**
 * What makes a file of the next version out of one of the version it is listed for. Whatever `SCHEMA` creates where it is missing
 * needs no step: it is run afterwards.
 */
const MIGRATIONS: Readonly<Record<string, string>> = {
  // The index by lane gets another shape. An entry's id tells its message. What no line listed gets an id when it comes, no longer when it is retried.
  // Until then conversations and threads were kept for ever, and nothing told when they were last used: it is today for all of them.
  "1": `
drop index deliveries_by_lane;
alter table ledger drop column message;
alter table ledger add column calls integer not null default 0;
update deliveries set body = json_set(body, '$.message', substr(key, instr(key, '.') + 1)) where kind = 'unmatched';
update conversations set at = unixepoch() * 1000;
update links set expires_at = (unixepoch() + 180 * 86400) * 1000
  where expires_at is null and (namespace in ('threads', 'conversations') or key like 'adapter-telegram:line:%');
`,
  // What is tried again keeps the number that people know it by.
  "2": "alter table deliveries add column number integer;",
};

/** The steps from a file's version to this one, oldest first; undefined: no steps lead here. */
export function stepsFrom(version: string): readonly string[] | undefined {
  if (version === SCHEMA_VERSION) return [];
  const step = MIGRATIONS[version];
  const rest = step === undefined ? undefined : stepsFrom(String(Number(version) + 1));
  return step === undefined || rest === undefined ? undefined : [step, ...rest];
}
