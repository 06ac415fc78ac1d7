/** The judge of the crash tests is judged here, by made-up records. */
import { describe, expect, test } from "vitest";
import { SAY } from "../../src/say.js";
import { postOf } from "./records.js";
import { isFine, judge as judgeBy, sum, type Flow, type Post, type Records, type Thread } from "./judge.js";

const judge = (records: Records, every = false, anyOrder: readonly Flow[] = []) =>
  judgeBy(records, { every, anyOrder });
const post = (...texts: string[]): Post => ({ texts, repeat: false });
const repeat = (...texts: string[]): Post => ({ texts, repeat: true });
const told = (...texts: string[]) => texts.map((text) => ({ conversation: "Alice", text, answered: true }));
const thread = (platform: Thread["platform"], ...posts: Post[]): Thread => ({ platform, conversation: "Alice", posts });

/** Two texts came in, and one colleague on each platform answered. */
const good: Records = {
  told: told("in 1", "in 2"),
  written: [
    { platform: "slack", conversation: "Alice", text: "out 1", marks: ["white_check_mark"] },
    { platform: "telegram", conversation: "Alice", text: "out 2", marks: ["👌"] },
  ],
  taken: [
    { conversation: "Alice", text: "out 2" },
    { conversation: "Alice", text: "out 1" },
  ],
  threads: [
    thread("slack", post("in 1", "in 2"), post("out 2")),
    thread("telegram", post("in 1"), post("out 1"), post("in 2")),
  ],
  left: 0,
};

const withSlack = (...posts: Post[]): Records => ({
  ...good,
  threads: [thread("slack", ...posts), ...good.threads.slice(1)],
});

function of(flow: Flow, records: Records, every = false) {
  const found = judge(records, every).tallies.find((each) => each.flow === flow);
  if (found === undefined) throw new Error(flow);
  const { lost, doubled, repeated, asked, reordered } = found;
  return { lost, doubled, repeated, asked, reordered };
}
const nothing = { lost: [], doubled: [], repeated: [], asked: [], reordered: [] };

describe("the judge", () => {
  test("finds nothing where all is as it should be, in whatever way the directions mix", () => {
    const judgement = judge(good, true);
    expect(isFine(judgement)).toBe(true);
    expect(judgement.tallies.map(({ texts }) => texts)).toEqual([2, 2, 1, 1, 1, 1]);
  });

  test("finds a text that is missing in one thread of two", () => {
    const records = withSlack(post("in 2"), post("out 2"));
    expect(of("PBX → Slack", records)).toEqual({ ...nothing, lost: ["in 1"] });
    expect(of("PBX → Telegram", records)).toEqual(nothing);
    expect(isFine(judge(records, false))).toBe(false);
  });

  test("finds everything lost where there is no thread at all", () => {
    expect(of("PBX → Slack", { ...good, threads: [] }).lost).toEqual(["in 1", "in 2"]);
  });

  test("finds a text that is there twice, also in two threads, or twice in one post", () => {
    const twice = { ...nothing, doubled: ["in 1"] };
    expect(of("PBX → Slack", withSlack(post("in 1", "in 2"), post("in 1"), post("out 2")))).toEqual(twice);
    expect(of("PBX → Slack", withSlack(post("in 1", "in 1", "in 2"), post("out 2")))).toEqual(twice);
    const two = { ...good, threads: [...good.threads, thread("slack", post("in 1"))] };
    expect(of("PBX → Slack", two)).toEqual(twice);
    expect(judge(two, false).faults).toEqual(["slack: Alice has 2 threads"]);
  });

  test("bears with a repeat that says so, and only with that", () => {
    const records = withSlack(post("in 1", "in 2"), repeat("in 1", "in 2"), post("out 2"));
    expect(of("PBX → Slack", records)).toEqual({ ...nothing, repeated: ["in 1", "in 2"] });
    const thrice = withSlack(post("in 1"), post("in 1"), repeat("in 1"), post("in 2"), post("out 2"));
    expect(of("PBX → Slack", thrice)).toEqual({ ...nothing, repeated: ["in 1"], doubled: ["in 1"] });
  });

  test("takes a marked repeat for the text where the first attempt came to nothing", () => {
    expect(of("PBX → Slack", withSlack(repeat("in 1"), post("in 2"), post("out 2")))).toEqual(nothing);
  });

  test("finds texts that changed places", () => {
    expect(of("PBX → Slack", withSlack(post("in 2"), post("in 1"), post("out 2")))).toEqual({
      ...nothing,
      reordered: ["in 1 below in 2"],
    });
    expect(of("PBX → Slack", withSlack(post("in 2", "in 1"), post("out 2"))).reordered).toEqual(["in 1 below in 2"]);
  });

  test("bears with a change of places where the source itself tells things late", () => {
    const records = withSlack(post("in 2"), post("in 1"), post("out 2"));
    expect(isFine(judge(records, false, ["PBX → Slack"]))).toBe(true);
    expect(isFine(judge(records, false, ["PBX → Telegram"]))).toBe(false);
  });

  test("counts equal words as often as they were said", () => {
    const again = { ...good, told: told("in 1", "in 2", "in 1") };
    expect(of("PBX → Slack", again).lost).toEqual(["in 1"]);
    const records = { ...withSlack(post("in 1"), post("in 2"), post("in 1"), post("out 2")), told: again.told };
    expect(of("PBX → Slack", records)).toEqual(nothing);
  });

  test("takes a marked repeat for no text that is said again later", () => {
    const again = told("in 1", "in 2", "in 1");
    const of3 = (...posts: Post[]) => of("PBX → Slack", { ...withSlack(...posts, post("out 2")), told: again });
    const repeated = { ...nothing, repeated: ["in 1"] };
    expect(of3(post("in 1"), repeat("in 1"), post("in 2"), post("in 1"))).toEqual(repeated);
    expect(of3(post("in 1"), repeat("in 1"), post("in 2"), repeat("in 1"))).toEqual(repeated);
    expect(of3(repeat("in 1"), post("in 2"), post("in 1"), repeat("in 1"))).toEqual(repeated);
    expect(of3(post("in 1"), post("in 1"), post("in 2")).reordered).toEqual(["in 2 below in 1"]);
    const four = {
      ...withSlack(post("in 1"), repeat("in 1"), post("in 2"), post("in 1"), repeat("in 1"), post("out 2")),
    };
    expect(of("PBX → Slack", { ...four, told: told("in 1", "in 1", "in 2", "in 1") })).toEqual(repeated);
    expect(of("PBX → Slack", { ...four, told: told("in 1", "in 1", "in 1", "in 2") }).reordered).toEqual([
      "in 1 below in 2",
    ]);
  });

  test("gives only the first of equal texts a place where the PBX told one of them again: nobody can tell which came when", () => {
    const again = told("in 1", "in 2", "in 1", "in 3").map((each) => ({ ...each, again: each.text === "in 1" }));
    const after = (...posts: Post[]) =>
      of("PBX → Slack", { ...withSlack(...posts, post("in 3"), post("out 2")), told: again });
    expect(after(post("in 1"), post("in 1"), post("in 2"))).toEqual(nothing);
    expect(after(post("in 2"), post("in 1"), post("in 1")).reordered).toEqual(["in 1 below in 2"]);
    expect(after(post("in 1"), post("in 2")).lost).toEqual(["in 1"]);
    expect(after(post("in 1"), post("in 1"), post("in 1"), post("in 2")).doubled).toEqual(["in 1"]);
  });

  test("takes either of two marked posts for the repeat, where no attempt before them is there", () => {
    const both = withSlack(post("in 1"), repeat("in 1", "in 2"), repeat("in 1", "in 2"), post("out 2"));
    const records = { ...both, told: told("in 1", "in 1", "in 2") };
    expect(of("PBX → Slack", records)).toEqual({ ...nothing, repeated: ["in 1", "in 2"] });
  });

  test("asks for a text that nobody said 200 to only when every text is asked for, and never for two of it", () => {
    const unanswered = good.told.map((each) => ({ ...each, answered: each.text !== "in 1" }));
    const missing = { ...withSlack(post("in 2"), post("out 2")), told: unanswered };
    expect(of("PBX → Slack", missing)).toEqual(nothing);
    expect(of("PBX → Slack", missing, true).lost).toEqual(["in 1"]);
    const twice = { ...withSlack(post("in 1", "in 1", "in 2"), post("out 2")), told: unanswered };
    expect(of("PBX → Slack", twice).doubled).toEqual(["in 1"]);
  });

  test("finds a reply that never reached the PBX, that reached it twice, and replies in another order", () => {
    expect(of("Slack → PBX", { ...good, taken: good.taken.slice(0, 1) }).lost).toEqual(["out 1"]);
    expect(of("Slack → PBX", { ...good, taken: [...good.taken, ...good.taken] }).doubled).toEqual(["out 1"]);
    const two = [...good.written, { platform: "slack", conversation: "Alice", text: "out 3", marks: [] }] as const;
    const taken = [{ conversation: "Alice", text: "out 3" }, ...good.taken];
    expect(of("Slack → PBX", { ...good, written: two, taken }).reordered).toEqual(["out 1 below out 3"]);
  });

  test("tells a reply that a person is asked about from one that is lost, and asks for the question to be kept", () => {
    const [first, ...more] = good.written;
    const written = first === undefined ? [] : [{ ...first, marks: ["x"] }, ...more];
    const taken = good.taken.filter(({ text }) => text !== "out 1");
    const asked = { ...good, written, taken, left: 1 };
    expect(of("Slack → PBX", asked)).toEqual({ ...nothing, asked: ["out 1"] });
    expect(isFine(judge(asked))).toBe(true);
    expect(isFine(judge({ ...asked, left: 0 }))).toBe(false);
    expect(of("Slack → PBX", { ...good, taken }).lost).toEqual(["out 1"]);
  });

  test("finds a reply that reached somebody else", () => {
    const taken = good.taken.map((each) => ({ ...each, conversation: "Bob" }));
    expect(of("Slack → PBX", { ...good, taken })).toEqual({ ...nothing, lost: ["out 1"] });
    expect(judge({ ...good, taken }, false).faults).toEqual([
      "Bob got out 2, which was meant for Alice",
      "Bob got out 1, which was meant for Alice",
    ]);
  });

  test("finds a copy that is missing in the other platform's thread", () => {
    expect(of("Telegram → Slack", withSlack(post("in 1", "in 2"))).lost).toEqual(["out 2"]);
  });

  test("finds marks that are missing, wrong, or too many", () => {
    const marked = (...marks: string[]) =>
      judge({ ...good, written: good.written.map((each) => ({ ...each, marks })) }, false);
    expect(marked().faults).toHaveLength(2);
    expect(marked("white_check_mark").faults).toEqual(["telegram: out 2 is marked white_check_mark"]);
    expect(marked("👌", "white_check_mark").faults[0]).toBe("slack: out 1 is marked 👌 and white_check_mark");
  });

  test("finds a second thread in Slack though it is empty; an empty topic is borne with", () => {
    expect(judge({ ...good, threads: [...good.threads, thread("telegram")] }, false).faults).toEqual([]);
    expect(judge({ ...good, threads: [...good.threads, thread("slack")] }, false).faults).toHaveLength(1);
  });

  test("finds what is left in the queue", () => {
    expect(judge({ ...good, left: 3 }, false).faults).toEqual([
      "3 deliveries are left, 0 of them for a person to decide",
    ]);
  });

  test("adds runs up", () => {
    const total = sum([judge(good, false), judge({ ...good, taken: [], left: 1 }, false)]);
    expect(total.tallies[2]).toMatchObject({ flow: "Slack → PBX", texts: 2, lost: ["out 1"] });
    expect(total.faults).toEqual(["1 deliveries are left, 0 of them for a person to decide"]);
  });
});

describe("what stands in a thread", () => {
  test("is no text of its own where a notice quotes one, whatever it tells", () => {
    expect(postOf("Anna\n<slack 7>\n<slack 8>").texts).toEqual(["<slack 7>", "<slack 8>"]);
    const notices = [
      SAY.failed("+1201555", "<slack 7>", "Refused."),
      SAY.doubtful("+1201555", "<slack 7>", SAY.mayHaveArrived),
      SAY.arrived("+1201555", "<slack 7>"),
    ];
    for (const notice of notices) expect(postOf(notice).texts).toEqual([]);
  });
});
