/** `pbx.events.allowFrom` behind reverse proxies: only what a proxy of the config says counts, and of that only what it saw itself. */
import { expect, test } from "vitest";
import { ask, events, serve } from "./served.js";

const allowFrom = ["192.0.2.0/24", "2001:db8:5::/48"];

async function statusFrom(trustProxy: readonly string[], forwarded: string | string[], host = "127.0.0.1") {
  const { port } = await serve({ host, allowFrom, trustProxy });
  const headers = { "x-forwarded-for": forwarded };
  return (await ask(port, "POST", events, "kind=text-in", { host, headers })).status;
}

test.each([
  ["the PBX", "192.0.2.7", 200],
  ["the PBX by IPv6", "2001:db8:5::7", 200],
  ["the PBX in its IPv6 form", "::ffff:192.0.2.7", 200],
  ["somebody", "203.0.113.9", 403],
  ["somebody by IPv6", "2001:db8:6::7", 403],
  ["somebody who says to be the PBX", "192.0.2.7, 203.0.113.9", 403],
  ["the PBX, behind whatever it says itself", "203.0.113.9, 192.0.2.7", 200],
  ["somebody who says to be a proxy for the PBX", "192.0.2.7, 10.0.0.1, 203.0.113.9", 403],
  ["somebody who says it in several headers", ["192.0.2.7", "203.0.113.9"], 403],
  ["the PBX in several headers", ["203.0.113.9", "192.0.2.7"], 200],
  ["nobody", "", 403],
  ["an unknown", "unknown", 403],
  ["an address with a port", "192.0.2.7:443", 403],
  ["an address in brackets", "[2001:db8:5::7]", 403],
  ["a zone", "2001:db8:5::7%eth0", 403],
  ["a short form", "192.0.519", 403],
  ["a number", "3221225991", 403],
])("behind one proxy: %s (%j) is answered %i", async (_who, forwarded, status) => {
  expect(await statusFrom(["127.0.0.0/8"], forwarded)).toBe(status);
});

test.each([
  ["192.0.2.7, 10.1.1.1, 10.1.1.2", 200],
  ["192.0.2.7, ::ffff:10.1.1.1, fd00::2", 200],
  ["203.0.113.9, 10.1.1.1", 403],
  ["192.0.2.7, 203.0.113.9, 10.1.1.1", 403],
  ["10.1.1.1, 10.1.1.2", 403],
])("behind three proxies, all in the config: %j is answered %i", async (forwarded, status) => {
  expect(await statusFrom(["127.0.0.1", "10.0.0.0/8", "fd00::/8"], forwarded)).toBe(status);
});

test("a proxy that is not in the config is a client like any other", async () => {
  expect(await statusFrom([], "192.0.2.7")).toBe(403);
  expect(await statusFrom(["10.0.0.0/8"], "192.0.2.7")).toBe(403);
  expect(await statusFrom(["127.0.0.1"], "192.0.2.7, 198.51.100.1")).toBe(403);
});

test("a proxy that comes over IPv6, and one that comes in the IPv6 form of its IPv4 address", async () => {
  expect(await statusFrom(["::1"], "192.0.2.7", "::1")).toBe(200);
  const { port } = await serve({ host: "::", allowFrom, trustProxy: ["127.0.0.1"] });
  const headers = { "x-forwarded-for": "192.0.2.7" };
  expect((await ask(port, "POST", events, "kind=text-in", { headers })).status).toBe(200);
});

test.each(["forwarded", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip"])(
  "the header %s counts for nothing",
  async (name) => {
    const { port } = await serve({ allowFrom, trustProxy: ["127.0.0.1"] });
    const headers = { [name]: name === "forwarded" ? "for=192.0.2.7" : "192.0.2.7" };
    expect((await ask(port, "POST", events, "kind=text-in", { headers })).status).toBe(403);
  },
);
