import * as fc from "fast-check";
import { expect, test } from "vitest";
import { networkOf } from "../../src/http/addresses.js";
import { createStrangers, type StrangerLimits } from "../../src/http/strangers.js";

const limits: StrangerLimits = { each: { burst: 3, perSecond: 0.5 }, all: { burst: 10, perSecond: 2 } };

function strangers(given = limits) {
  let now = 1_700_000_000_000;
  return { ...createStrangers(given, () => now), pass: (ms: number) => void (now += ms) };
}

test("an address may be wrong a few times, then has to wait, and is told how long", () => {
  const { wrong, pass } = strangers();
  expect([1, 2, 3, 4].map(() => wrong("192.0.2.1"))).toEqual([0, 0, 0, 2]);
  expect(wrong("192.0.2.2")).toBe(0);
  pass(1999);
  expect(wrong("192.0.2.1")).toBe(1);
  pass(1);
  expect([wrong("192.0.2.1"), wrong("192.0.2.1")]).toEqual([0, 2]);
});

test("in a minute no more requests of one address are told what is wrong than the burst and the rate", () => {
  const { wrong, pass } = strangers({ each: { burst: 20, perSecond: 1 }, all: { burst: 200, perSecond: 20 } });
  let told = 0;
  for (let ms = 0; ms < 60_000; ms += 10, pass(10)) if (wrong("192.0.2.1") === 0) told += 1;
  expect([told >= 75, told <= 80]).toEqual([true, true]);
});

test("for many addresses together there is a limit, too", () => {
  const { wrong, pass } = strangers();
  const addresses = Array.from({ length: 30 }, (_, n) => `192.0.2.${n}`);
  expect(addresses.filter((address) => wrong(address) === 0)).toHaveLength(10);
  expect(wrong("198.51.100.1")).toBeGreaterThan(0);
  pass(500);
  expect([wrong("198.51.100.1"), wrong("198.51.100.2")]).toEqual([0, 1]);
});

test("the addresses of an IPv6 network are one, and so are an IPv4 address and its IPv6 form", () => {
  const { wrong } = strangers();
  for (const end of ["1", "2", "ffff:1"]) wrong(`2001:db8:0:7::${end}`);
  expect([wrong("2001:db8::7:0:0:0:9"), wrong("2001:db8:0:8::1")]).toEqual([2, 0]);
  for (const address of ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"]) wrong(address);
  expect(wrong("::ffff:192.0.2.1")).toBe(2);
});

test("a flood from ever new addresses is not remembered for ever", () => {
  const { wrong } = strangers({ each: { burst: 1, perSecond: 0.01 }, all: { burst: 1e6, perSecond: 1 } });
  wrong("192.0.2.1");
  for (let n = 0; n < 10_000; n += 1) wrong(`10.0.${n >> 8}.${n & 255}`);
  expect([wrong("10.0.39.15"), wrong("192.0.2.1")]).toEqual([100, 0]);
});

test("a clock that is set back or forward makes nobody wait for longer than the limit says", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 }), { maxLength: 20 }), (jumps) => {
      const { wrong, pass } = strangers();
      for (const jump of jumps) {
        wrong("192.0.2.1");
        pass(jump);
      }
      return wrong("192.0.2.1") <= 2;
    }),
  );
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::FFFF:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["1::2:3:4:5:6:7", "1:0:2:3::/64"],
  ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
  ["no address", "no address"],
])("%s belongs to %s", (address, network) => expect(networkOf(address)).toBe(network));
