/** People who write on all sides while the bridge dies and comes back. */
import type { Chance } from "./chance.js";
import type { Platform } from "./judge.js";
import type { Office } from "./office.js";
import { slackRoots, topicsOf } from "./records.js";

/** Where a reply was written. */
export interface Reply {
  readonly platform: Platform;
  readonly conversation: string;
  readonly text: string;
  readonly post: string | number;
}

export interface Traffic {
  /** Somebody says something, somewhere. */
  speak(): void;
  /** Somebody new texts for the first time. */
  greet(): void;
  /** The words that a contact said last, once more. */
  repeat(): void;
  readonly contacts: readonly string[];
  readonly replies: readonly Reply[];
}

type Kind = "contact" | "phone" | Platform;
const KINDS: readonly Kind[] = [
  ...["contact", "contact", "contact", "contact", "phone"],
  ...["slack", "slack", "slack", "telegram", "telegram"],
] as readonly Kind[];

/** One text in so many repeats the words of the one before it, as people do. */
const SAME_WORDS_ONE_IN = 12;

export function createTraffic(office: Office, chance: Chance): Traffic {
  const { pbx, slack, telegram, channel, group, did, anna, boris } = office;
  const replies: Reply[] = [];
  const contacts: string[] = [];
  let said = 0;
  let last = "";

  const tell = (kind: "contact" | "phone", conversation: string): void => {
    const text = words(kind);
    if (kind === "phone") return void pbx.deskPhoneSends(did, conversation, text);
    last = `${conversation} ${text}`;
    pbx.textFrom(conversation, did, text);
  };
  const repeat = (): void => {
    const [contact = "", ...text] = last.split(" ");
    pbx.textFrom(contact, did, text.join(" "));
  };
  const words = (kind: Kind): string => `<${kind} ${(said += 1)}>`;

  const reply = (platform: Platform, conversation: string): boolean => {
    if (platform === "slack") {
      const thread = slackRoots(office, conversation).at(-1)?.ts;
      if (thread === undefined) return false;
      const text = words("slack");
      replies.push({ platform, conversation, text, post: slack.says(channel, anna, text, { thread }) });
      return true;
    }
    const topic = topicsOf(office, conversation).at(-1)?.id;
    if (topic === undefined) return false;
    const text = words("telegram");
    replies.push({ platform, conversation, text, post: telegram.says(group, boris, text, { topic }) });
    return true;
  };

  return {
    replies,
    contacts,
    repeat,
    greet() {
      const contact = `+1201555${1000 + contacts.length}`;
      contacts.push(contact);
      tell("contact", contact);
    },
    speak() {
      const kind = chance.oneOf(KINDS);
      const conversation = chance.oneOf(contacts);
      if (kind === "contact" && chance.whole(1, SAME_WORDS_ONE_IN) === 1) return repeat();
      if (kind === "contact" || kind === "phone") return tell(kind, conversation);
      // Nobody can answer in a thread that is not there yet.
      if (!reply(kind, conversation)) tell("contact", conversation);
    },
  };
}
