/** A contact's threads on the chat platforms. */
import type { ChatAdapter, ErasesThreads } from "../adapter.js";
import type { Linked, LinkedThread } from "../links/erasing.js";
import type { PostId } from "../message.js";
import { counted, type Told } from "./told.js";

export interface ThreadsDeps {
  /** By platform. */
  readonly adapters: ReadonlyMap<string, ChatAdapter>;
  sleep(ms: number): Promise<void>;
}

/** Whoever asks for more, before anything was done, waits for somebody to mend something. */
const LONGEST_IDLE_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 120_000;
const MOST_IDLE_TURNS = 3;

/** All threads of one platform. */
export async function eraseThreads(platform: string, linked: Linked, deps: ThreadsDeps): Promise<readonly Told[]> {
  const where = `${platform.charAt(0).toUpperCase()}${platform.slice(1)}`;
  const threads = linked.threads.filter((each) => each.platform === platform);
  const adapter = deps.adapters.get(platform);
  if (adapter === undefined) {
    const what = `the config has no ${platform} section any more, so ${counted(threads.length, "thread")} could not be reached. Add it again`;
    return [{ state: "again", where, what }];
  }
  if (!erases(adapter)) {
    const what = `${counted(threads.length, "thread")} there: the bridge cannot erase on this platform. Do it by hand`;
    return [{ state: "stays", where, what }];
  }
  const posts = linked.posts.filter((each) => each.platform === platform);
  const told: Told[] = [];
  let removed = 0;
  for (const thread of threads) {
    const result = await eraseThread(adapter, thread, postsOf(thread, posts), deps);
    removed += result.removed;
    told.push(...result.stays.map((what): Told => ({ state: "stays", where, what })));
    if (result.again !== undefined) told.push({ state: "again", where, what: result.again });
  }
  const what = `${counted(threads.length, "thread")}: ${counted(removed, "post or topic", "posts or topics")} deleted`;
  return [{ state: "done", where, what }, ...told];
}

function postsOf({ conversation }: LinkedThread, posts: Linked["posts"]): readonly PostId[] {
  return posts.filter((each) => each.conversation === conversation).map(({ post }) => post);
}

interface Result {
  readonly removed: number;
  readonly stays: readonly string[];
  readonly again?: string;
}

/** Goes on after a rate limit, as long as that brings anything. */
async function eraseThread(
  adapter: ErasesThreads,
  { thread }: LinkedThread,
  posts: readonly PostId[],
  { sleep }: ThreadsDeps,
): Promise<Result> {
  let removed = 0;
  for (let idle = 0; ;) {
    const turn = await adapter.eraseThread(thread, posts);
    removed += turn.removed;
    if (turn.again === undefined) return { removed, stays: turn.stays };
    idle = turn.removed > 0 ? 0 : idle + 1;
    const waitMs = turn.again.afterMs ?? 1000;
    const longest = turn.removed > 0 ? LONGEST_WAIT_MS : LONGEST_IDLE_WAIT_MS;
    if (idle >= MOST_IDLE_TURNS || waitMs > longest) return { removed, stays: turn.stays, again: turn.again.message };
    await sleep(waitMs);
  }
}

function erases(adapter: ChatAdapter): adapter is ChatAdapter & ErasesThreads {
  return "eraseThread" in adapter;
}
