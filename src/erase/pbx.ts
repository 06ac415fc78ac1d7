/** A contact in the PBX: the chats with it, and messages that are in no chat. */
import { GiveUp, RetryLater } from "../errors.js";
import type { PbxClient, PbxMessage } from "../pbx/types.js";
import { counted, type Told } from "./told.js";

export interface InPbx {
  readonly extension: number;
  readonly chats: readonly string[];
  readonly messages: readonly PbxMessage[];
  /** The number is one of the extension's own: its chats are with everybody else. */
  readonly isOurs: boolean;
}

/** Rejects with `RetryLater` or `GiveUp`. */
export async function findInPbx(pbx: PbxClient, extension: number, number: string): Promise<InPbx> {
  const all = await pbx.messages.list(extension);
  const messages = all.filter(({ contact }) => contact.number === number);
  const isOurs = all.some(({ did }) => did?.number === number);
  const withIt = new Set(messages.flatMap(({ chatId }) => chatId ?? []));
  const others = new Set(all.flatMap(({ chatId, contact }) => (contact.number === number ? [] : (chatId ?? []))));
  const listed = await pbx.chats.list(extension);
  // Of a chat only the id is sure: one that messages with others name is theirs, whatever numbers it tells.
  const named = listed.filter(({ id, numbers }) => !others.has(id) && numbers.includes(number));
  const chats = listed.filter((chat) => withIt.has(chat.id) || named.includes(chat)).map(({ id }) => id);
  return { extension, chats, messages, isOurs };
}

export async function eraseInPbx(pbx: PbxClient, { extension, chats, messages }: InPbx, number: string): Promise<Told> {
  const where = `PBX extension ${extension}`;
  try {
    for (const chat of chats) await eraseChat(pbx, extension, chat);
    const left = (await findInPbx(pbx, extension, number)).messages;
    for (const { id } of left) await unlessGone(pbx.messages.remove(extension, id));
    const after = left.length === 0 ? [] : (await findInPbx(pbx, extension, number)).messages;
    if (after.length > 0)
      return { state: "again", where, what: `${counted(after.length, "message")} could not be deleted` };
    const what = `${counted(chats.length, "chat")} and ${counted(messages.length, "message")} deleted`;
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
