import { BlockList, isIP } from "node:net";

/** Whether the text is an IP address (v4 or v6) or a CIDR range of such. */
export function isAddressRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/**
 * Answers whether an address lies in one of the ranges, each of which `isAddressRange`. An IPv4 address that arrived over
 * an IPv6 socket (`::ffff:192.0.2.1`) counts as the IPv4 address. Anything that is no address lies in none.
 */
export function createAddressSet(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const parsed = parseRange(range);
    if (parsed === undefined)
      throw new TypeError("Not an IP address or CIDR range. Check it with isAddressRange first");
    list.addSubnet(parsed.address, parsed.bits, parsed.family);
  }
  return (address) => {
    const family = familyOf(address);
    return family !== undefined && list.check(address, family);
  };
}

interface Range {
  readonly address: string;
  readonly bits: number;
  readonly family: "ipv4" | "ipv6";
}

function parseRange(text: string): Range | undefined {
  const [address = "", prefix, ...rest] = text.split("/");
  const family = familyOf(address);
  if (family === undefined || rest.length > 0) return undefined;
  const most = family === "ipv4" ? 32 : 128;
  if (prefix === undefined) return { address, bits: most, family };
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  return bits <= most ? { address, bits, family } : undefined;
}

function familyOf(address: string): Range["family"] | undefined {
  // A zone (`fe80::1%eth0`) names an interface of this machine, not an address.
  const version = address.includes("%") ? 0 : isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}

/** What one party usually has for itself: an IPv4 address; of an IPv6 address, its /64. Anything else is itself. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || familyOf(address) !== "ipv6") return mapped ?? address;
  const [head = "", tail] = address.toLowerCase().split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length - (address.includes(".") ? 1 : 0);
  const groups = [...front, ...Array.from({ length: zeros }, () => "0"), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
