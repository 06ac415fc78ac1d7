/** The adapter in memory that the core is tested with: it has to keep what the real ones promise. */
import { setImmediate } from "node:timers/promises";
import type { ShowsCards } from "../../../src/adapter.js";
import { GiveUp, RetryLater } from "../../../src/errors.js";
import type { PostId, ThreadId } from "../../../src/message.js";
import {
  createScriptedAdapter,
  type Abilities,
  type Posted,
  type ScriptedAdapter,
} from "../../fixtures/scripted-adapter.js";
import type { Seen, Stage, Trouble, Verb } from "../adapter/stage.js";

export async function scriptedStage(abilities: Abilities): Promise<Stage> {
  const adapter = createScriptedAdapter("scripted", { now: Date.now }, abilities) as ScriptedAdapter & ShowsCards;
  const theirs = new Map<PostId, { readonly thread: ThreadId; readonly text: string }>();
  let opened = 0;
  const { open } = adapter;

  const seenIn = ({ id, post }: Posted): Seen => {
    const { kind, name } = post.speaker;
    const outcome = adapter.settled.get(id);
    const words = [
      post.repeat === true ? "(maybe a repeat)" : "",
      post.note === true ? "📝" : "",
      ...post.texts.map(({ text }) => (text.trim() === "" ? "(none)" : text)),
    ];
    return {
      post: id,
      by: `${kind} ${name}`,
      text: outcome === undefined ? words.join("\n") : `${words.join("\n")}\n${outcome}`,
      signs: signsOn(id),
      buttons: outcome === undefined ? (post.choices ?? []).map(({ label }) => label) : [],
      rings: [],
    };
  };
  const signsOn = (post: PostId): readonly string[] => [adapter.marks.get(post) ?? []].flat();
  const theirsIn = ([post, { text }]: readonly [PostId, { readonly text: string }]): Seen => {
    return { post, by: "Anna", text, signs: signsOn(post), buttons: [], rings: [] };
  };
  const cards = new Map<PostId, ThreadId>();
  const cardSeen = (post: PostId): Seen | undefined => {
    const card = adapter.cards.get(cards.get(post) ?? ("" as ThreadId));
    return card && { post, by: "", text: `${card.contact} · ${card.line}`, signs: [], buttons: [], rings: [] };
  };
  const all = (): readonly Seen[] => [...adapter.posted.map(seenIn), ...[...theirs].map(theirsIn)];
  const inTest = {
    ...adapter,
    open: async (...asked: Parameters<typeof open>) => {
      opened += 1;
      const made = await open(...asked);
      if (made.card !== undefined) cards.set(made.card, made.thread);
      return made;
    },
    showCard: async (...asked: Parameters<typeof adapter.showCard>) => {
      const card = await adapter.showCard(...asked);
      cards.set(card, asked[0]);
      return card;
    },
  };
  return {
    adapter: inTest,
    another: () => inTest,
    place: { platform: "scripted", chat: "c1" },
    tells: [],
    people: {
      writes(thread, text) {
        const post = `theirs-${theirs.size}` as PostId;
        theirs.set(post, { thread, text });
        return post;
      },
      edits: () => {},
      deletes: (post) => void theirs.delete(post),
      presses: async () => false,
      removesThread: (thread) => adapter.remove(thread),
    },
    shown: (thread) => adapter.posted.filter((each) => each.thread === thread).map(seenIn),
    seen: (post) => all().find((each) => each.post === post) ?? cardSeen(post),
    readable: () => all().map(({ text }) => text),
    trouble: { next: (verb, trouble) => adapter.script.fail(verb, errorOf(verb, trouble), momentOf(trouble)) },
    changes: () => adapter.posted.length + opened,
    logged: () => "",
    secrets: [],
    close: () => setImmediate(),
  };
}

function momentOf({ kind }: Trouble): "before" | "after" {
  return kind === "lost answer" ? "after" : "before";
}

function errorOf(verb: Verb, trouble: Trouble): Error {
  if (trouble.kind === "refused") return new GiveUp("The text is too long.");
  if (trouble.kind === "limited") return new RetryLater("Too many.", { scope: "target", afterMs: trouble.afterMs });
  return new RetryLater("No answer.", { uncertain: verb === "open" || verb === "send" });
}
