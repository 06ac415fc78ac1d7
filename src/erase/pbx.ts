/** A contact in the PBX: the chats with it, and messages that are in no chat. */
import { GiveUp, RetryLater } from "../errors.js";
import type { ListOptions, PbxClient, PbxMessage } from "../pbx/types.js";
import { counted, type Told } from "./told.js";

export interface InPbx {
  readonly extension: number;
  readonly chats: readonly string[];
  readonly messages: readonly PbxMessage[];
  /** The number is one of the extension's own: its chats are with everybody else. */
  readonly isOurs: boolean;
  /** Why there may be messages that are not among these. */
  readonly missing?: string;
}

/** Rejects with `RetryLater` or `GiveUp`. */
export async function findInPbx(pbx: PbxClient, extension: number, number: string): Promise<InPbx> {
  const { all, missing } = await listAll(pbx, extension);
  const messages = all.filter(({ contact }) => contact.number === number);
  const isOurs = all.some(({ did }) => did?.number === number);
  const withIt = new Set(messages.flatMap(({ chatId }) => chatId ?? []));
  const others = new Set(all.flatMap(({ chatId, contact }) => (contact.number === number ? [] : (chatId ?? []))));
  const listed = await pbx.chats.list(extension);
  // Of a chat only the id is sure: one that messages with others name is theirs, whatever numbers it tells.
  const named = listed.filter(({ id, numbers }) => !others.has(id) && numbers.includes(number));
  const chats = listed.filter((chat) => withIt.has(chat.id) || named.includes(chat)).map(({ id }) => id);
  return { extension, chats, messages, isOurs, ...(missing === undefined ? {} : { missing }) };
}

/** From the newest on; where one list ends before all is read, the next one begins. */
async function listAll(
  { messages }: PbxClient,
  extension: number,
): Promise<{ readonly all: readonly PbxMessage[]; readonly missing?: string }> {
  const found = new Map<string, PbxMessage>();
  const newest = { order: "newest-first" } as const;
  for (let older: ListOptions = newest; ;) {
    const known = found.size;
    const listed = await messages.list(extension, older);
    for (const each of listed) found.set(each.id, each);
    if (found.size === known) break;
    const until = listed.findLast(({ at }) => at !== undefined)?.at;
    if (until !== undefined) older = { ...newest, until };
  }
  const all = [...found.values()];
  const until = Math.min(...all.map(({ at = Infinity }) => at));
  try {
    await messages.list(extension, { ...newest, ...(until === Infinity ? {} : { until }), whole: true });
    return { all };
  } catch (error) {
    if (!(error instanceof RetryLater)) throw error;
    return { all, missing: error.message };
  }
}

export async function eraseInPbx(pbx: PbxClient, { extension, chats, messages }: InPbx, number: string): Promise<Told> {
  const where = `PBX extension ${extension}`;
  try {
    for (const chat of chats) await eraseChat(pbx, extension, chat);
    const left = await findInPbx(pbx, extension, number);
    for (const { id } of left.messages) await unlessGone(pbx.messages.remove(extension, id));
    const after = left.messages.length === 0 ? left : await findInPbx(pbx, extension, number);
    if (after.messages.length > 0)
      return { state: "again", where, what: `${counted(after.messages.length, "message")} could not be deleted` };
    const what = `${counted(chats.length, "chat")} and ${counted(messages.length, "message")} deleted`;
    if (after.missing !== undefined) return { state: "again", where, what: `${what}. ${after.missing}` };
    return { state: "done", where, what };
  } catch (error) {
    if (!(error instanceof RetryLater) && !(error instanceof GiveUp)) throw error;
    return { state: "again", where, what: error.message };
  }
}

/** Where a chat cannot be deleted, its messages may be; what is left after that is deleted one by one. */
async function eraseChat({ chats }: PbxClient, extension: number, id: string): Promise<void> {
  try {
    await chats.remove(extension, id);
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error;
    await unlessGone(chats.clear(extension, id));
  }
}

/** A refusal is looked at afterwards: what counts is whether it is still there. */
async function unlessGone(call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error;
  }
}
