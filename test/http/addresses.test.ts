import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createAddressSet, isAddressRange } from "../../src/http/addresses.js";

test.each(["192.0.2.1", "192.0.2.0/24", "0.0.0.0/0", "::1", "2001:db8::/32", "::/0", "::ffff:192.0.2.1"])(
  "%s is an address range",
  (text) => expect(isAddressRange(text)).toBe(true),
);

test.each([
  "",
  "/",
  "localhost",
  "192.0.2.1/33",
  "::1/129",
  "192.0.2.1/",
  "192.0.2.1/ 8",
  "192.0.2/24",
  "1.2.3.4/8/8",
  "fe80::1%eth0",
  "-1",
])("%j is none", (text) => expect(isAddressRange(text)).toBe(false));

test.each([
  ["10.1.2.3", "10.0.0.0/8", true],
  ["11.1.2.3", "10.0.0.0/8", false],
  ["::ffff:10.1.2.3", "10.0.0.0/8", true],
  ["::ffff:11.1.2.3", "10.0.0.0/8", false],
  ["10.1.2.3", "::ffff:10.0.0.0/104", true],
  ["2001:db8:1::5", "2001:db8::/32", true],
  ["2001:db9::5", "2001:db8::/32", false],
  ["203.0.113.5", "0.0.0.0/0", true],
  ["::1", "0.0.0.0/0", false],
] as const)("%s lies in %s: %s", (address, range, inside) => {
  expect(createAddressSet([range])(address)).toBe(inside);
});

test("what is no address lies nowhere, and no range takes nobody", () => {
  const everywhere = createAddressSet(["0.0.0.0/0", "::/0"]);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constant("1.2.3.4:80")), (text) => isAddressRange(text) || !everywhere(text)),
  );
  expect(createAddressSet([])("127.0.0.1")).toBe(false);
});
