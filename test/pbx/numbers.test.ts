import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPartyReader, mask, partyOf } from "../../src/pbx/numbers.js";

describe("one number written in many ways is one party", () => {
  test.each([
    "+12025550100",
    "12025550100",
    "2025550100",
    "(202) 555-0100",
    "+1 (202) 555‑0100",
    "0012025550100",
    "sip:+12025550100@pbx.example.com",
    "<sip:12025550100@pbx.example.com;user=phone>",
    '"Ann" <sip:+12025550100@pbx.example.com>',
    "tel:+1-202-555-0100",
    "+12025550100@pbx.example.com",
    "+12025550100",
    "\u202a+12025550100\u202c",
  ])("%s", (raw) => {
    expect(partyOf(raw, "US")).toEqual({ number: "+12025550100", wire: raw });
  });
});

describe("numbers of other countries", () => {
  test.each([
    ["+4915112345678", "US", "+4915112345678"],
    ["4915112345678", "US", "+4915112345678"],
    ["004915112345678", "US", "+4915112345678"],
    ["0114915112345678", "US", "+4915112345678"],
    ["015112345678", "DE", "+4915112345678"],
    ["4915112345678", "DE", "+4915112345678"],
    ["+44 (0)20 7946 0018", "GB", "+442079460018"],
    ["20123456", "DK", "+4520123456"],
    ["4520123456", "DK", "+4520123456"],
  ])("%s seen from %s is %s", (raw, country, number) => {
    expect(partyOf(raw, country).number).toBe(number);
  });
});

test.each([
  ["5215512345678", "MX"],
  ["15555550100", "US"],
  ["19995550100", "US"],
])("a number that nobody knows is the same with and without its +: %s seen from %s", (digits, country) => {
  expect(partyOf(digits, country).number).toBe(`+${digits}`);
  expect(partyOf(`+${digits}`, country).number).toBe(`+${digits}`);
});

test.each(["106575258192", "1069000012345678"])("a long number of a service, %s, gets no +", (digits) => {
  expect(partyOf(digits, "US").number).toBe(digits);
});

describe("what is no phone number stays as it is", () => {
  test.each([
    "22395",
    "911",
    "262966",
    "8008",
    "7654321",
    "12345678",
    "Amazon",
    "T-Mobile",
    "1-800-FLOWERS",
    "me@mail.example",
    "100*101",
    "",
    "+999123",
    "12",
  ])("%j", (raw) => {
    expect(partyOf(raw, "US")).toEqual({ number: raw, wire: raw });
  });

  test("a short code or sender name is freed from its SIP address", () => {
    expect(partyOf("sip:22395@pbx.example.com", "US").number).toBe("22395");
    expect(partyOf("sip:Amazon@pbx.example.com", "US").number).toBe("Amazon");
    expect(partyOf("100*101@pbx.example.com", "US").number).toBe("100*101");
  });

  test("an unknown country still lets whole numbers be read", () => {
    expect(partyOf("+12025550100", "").number).toBe("+12025550100");
    expect(partyOf("12025550100", "XX").number).toBe("+12025550100");
  });
});

test.each(["ACME\0SALE", "\0ACMESALE", "ACME\r\nSALE\u007f"])("control characters are in no name: %j", (raw) => {
  expect(partyOf(raw, "US")).toEqual({ number: "ACMESALE", wire: "ACMESALE" });
});

test("a party's number is read as itself, and anything is read without an error", () => {
  const digits = fc.stringMatching(/^\+?[0-9 ()-]{1,20}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), digits), fc.constantFrom("US", "DE", "DK", "GB", ""), (raw, country) => {
      const { number, wire } = partyOf(raw, country);
      expect(wire).toBe(raw);
      expect(partyOf(number, country).number).toBe(number);
    }),
    { numRuns: 1000 },
  );
});

test("a reader with a memory reads as one without, also once its memory is full", () => {
  const read = createPartyReader(2);
  const raws = ["(202) 555-0100", "0151 23456789", "(202) 555-0100", "22395", "0151 23456789"];
  for (const raw of raws) for (const country of ["US", "DE"]) expect(read(raw, country)).toEqual(partyOf(raw, country));
});

test("a masked number tells its end only", () => {
  expect(mask("+12025550100")).toBe("…0100");
  expect(mask("22395")).toBe("…95");
  expect(mask("Amazon")).toBe("…on");
  expect(mask("")).toBe("…");
});
