import { expect, test } from "vitest";
import { lineFor } from "../src/lines.js";

const sales = { name: "Sales", extension: 1, did: "+15550100", to: [] };
const front = { name: "Front desk", extension: 1, to: [] };
const support = { name: "Support", extension: 2, did: "+15550102", to: [] };

test("the line that names the number takes its texts, whichever stands first", () => {
  expect(lineFor([front, sales], 1, "+15550100")).toBe(sales);
  expect(lineFor([sales, front], 1, "+15550100")).toBe(sales);
});

test("other numbers of the extension, and unknown ones, go to its line without a number", () => {
  expect(lineFor([sales, front], 1, "+15550199")).toBe(front);
  expect(lineFor([sales, front], 1)).toBe(front);
});

test("a number that no line lists has no line", () => {
  expect(lineFor([sales, support], 2, "+15550100")).toBeUndefined();
  expect(lineFor([sales, support], 1)).toBeUndefined();
  expect(lineFor([front], 3, "+15550100")).toBeUndefined();
});
