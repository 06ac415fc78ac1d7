/** In which threads a platform shows a conversation now. */
import { textLane } from "../bridge.js";
import { heardLane } from "../intake.js";
import type { Links } from "../links.js";
import type { Conversation, ConversationId, Place, ThreadId } from "../message.js";
import type { WrittenAs } from "../queue/work.js";
import type { Store } from "../store/port.js";

export interface Shown {
  readonly place: Place;
  readonly thread: ThreadId;
}

export interface ThreadsDeps {
  readonly links: Pick<Links, "thread">;
  conversation(id: ConversationId): Conversation | undefined;
  placesOf(conversation: Conversation): readonly Place[];
}

interface WaitingDeps {
  readonly links: Pick<Links, "conversationOf">;
  readonly store: Pick<Store, "conversation" | "queue">;
  /** Of texts to the PBX from an extension. */
  target(extension: number): string;
}

/** The posts in a thread that are yet to be decided, or whose texts wait, for their turn or for a person's decision. */
export function waitingPosts({ links, store, target }: WaitingDeps) {
  const textsOf = async ({ place, thread }: Shown): Promise<readonly WrittenAs[]> => {
    const id = await links.conversationOf(place.platform, thread);
    const conversation = id === undefined ? undefined : store.conversation(id);
    if (conversation === undefined) return [];
    const waiting = store.queue.inLane(textLane(conversation.id, target(conversation.extension)));
    return waiting.flatMap(({ work }) => (work.kind === "text" && work.written !== undefined ? [work.written] : []));
  };
  return async (shown: Shown): Promise<readonly WrittenAs[]> => {
    const lane = heardLane(shown.place);
    // Also what nobody could decide on: it can be tried again.
    const undecided = [
      ...store.queue.inLane(lane),
      ...store.queue.aside().filter((each) => each.lane === lane),
    ].flatMap(({ work }) => (work.kind === "heard" && work.event.kind === "written" ? [work.event] : []));
    return [...undecided, ...(await textsOf(shown))].filter(({ thread }) => thread === shown.thread);
  };
}

export function threadsIn({ links, conversation, placesOf }: ThreadsDeps) {
  const inPlace = async (id: ConversationId, place: Place): Promise<readonly Shown[]> => {
    const link = await links.thread(id, place);
    return link === undefined ? [] : [{ place, thread: link.thread }];
  };
  return async (id: ConversationId, platform: string): Promise<readonly Shown[]> => {
    const known = conversation(id);
    const places = known === undefined ? [] : placesOf(known).filter((place) => place.platform === platform);
    return (await Promise.all(places.map((place) => inPlace(id, place)))).flat();
  };
}
