/** In which threads a platform shows a conversation now. */
import type { Shown } from "../away.js";
import type { Links } from "../links.js";
import type { Conversation, ConversationId, Place } from "../message.js";

export interface ThreadsDeps {
  readonly links: Pick<Links, "thread">;
  conversation(id: ConversationId): Conversation | undefined;
  placesOf(conversation: Conversation): readonly Place[];
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
