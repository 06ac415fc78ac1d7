import { expect, test } from "vitest";
import { messageFrom } from "../../src/pbx/codec.js";
import { listMessages, pageOf } from "../../src/pbx/lists.js";

const minute = 60_000;
const began = Date.UTC(2026, 0, 1);

/** Newest first. */
const texts = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ id: String(index), flow: "in", src_num: "+12025550111", dst_num: "+12025550101", text: "x" },
    init_time_gmt: new Date(began + (count - index) * minute).toISOString(),
  }));

/** Reads all of a list of which the server gives `cap` rows at a time; 0: all, whatever page is asked for. */
async function read(rows: readonly object[], cap: number) {
  let calls = 0;
  const { messages, complete } = await listMessages({ since: 0, whole: true }, async (_, page = 1) => {
    calls += 1;
    const given = cap === 0 ? rows : rows.slice((page - 1) * cap, page * cap);
    const got = pageOf(given, "message", (row) => messageFrom(row, 7, "US"));
    if (got === undefined) throw new TypeError("no list");
    return got;
  });
  return { read: messages.length, complete, calls };
}

test.each([10, 16, 32, 50, 64, 99, 100])(
  "a list is read whole from a server that silently gives %i at a time",
  async (cap) => {
    expect(await read(texts(200), cap)).toMatchObject({ read: 200, complete: true });
  },
);

test("a page of which nothing can be read does not end the list", async () => {
  const odd = Array.from({ length: 100 }, (_, index) => ({ id: `u${index}`, flow: "fax" }));
  expect(await read([...odd, ...texts(147)], 100)).toEqual({ read: 147, complete: true, calls: 3 });
});

test("a list of which nothing can be read ends, also where the server knows no pages", async () => {
  const odd = Array.from({ length: 100 }, (_, index) => ({ id: `u${index}`, flow: "fax" }));
  expect(await read(odd, 0)).toEqual({ read: 0, complete: true, calls: 2 });
  expect(await read(odd, 100)).toEqual({ read: 0, complete: true, calls: 2 });
});

test("a list of a few texts costs one call", async () => {
  expect(await read(texts(7), 100)).toEqual({ read: 7, complete: true, calls: 1 });
});
