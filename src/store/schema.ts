/**
 * The whole schema, on one screen. Times are epoch milliseconds. Ids that adapters or the PBX made are opaque text.
 * Few indexes: what is written at every event decides how many events a second fit. The ledger's ids and the keys of texts begin
 * with their message's id, so their primary keys find a message's rows too.
 *
 * - conversations: a line's number and a contact, with the numbers as the PBX writes them
 * - ledger: which texts of a conversation are known; holds a digest, never the text
 * - deliveries: durable work; `body` is JSON and the only place where text is kept, until `keep_until` at the latest
 * - lanes: one row per lane that has waiting deliveries: its oldest one and when that is due
 * - leases: who works a target now
 * - seen: events that were taken before (a platform may deliver one several times)
 * - links: what Keyv stores
 */
export const SCHEMA_VERSION = "1";

export const SCHEMA = `
create table if not exists meta (key text primary key, value text not null) without rowid;

create table if not exists conversations (
  id text primary key, line text not null, extension integer not null,
  did text, did_wire text, contact text not null, contact_wire text not null, at integer not null
) without rowid;

create table if not exists ledger (
  id text primary key, conversation text not null, direction text not null, digest text not null, at integer not null,
  status text not null, echoed integer not null default 0, calls integer not null default 0, pbx_id text, origin text
) without rowid;
create index if not exists ledger_outgoing on ledger (conversation, at) where direction = 'out';
create index if not exists ledger_by_age on ledger (at);
create index if not exists ledger_by_pbx_id on ledger (pbx_id) where pbx_id is not null;

create table if not exists deliveries (
  id integer primary key autoincrement, key text not null unique, lane text not null, target text not null,
  urgency integer not null, kind text not null, message text, body text not null, state text not null,
  due_at integer not null, created_at integer not null, attempts integer not null default 0, first_attempt_at integer,
  attempt text, uncertain integer not null default 0, reason text, keep_until integer
);
create index if not exists deliveries_by_lane on deliveries (lane, id) where state = 'waiting';
create index if not exists deliveries_aside on deliveries (id) where state in ('set-aside', 'held');
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
