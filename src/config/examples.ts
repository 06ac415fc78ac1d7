/** Values of config.example.yaml that somebody has left as they are: the config can be read, but it is nobody's. */
import type { CoreConfig } from "../config.js";
import type { Line } from "../message.js";
import type { PlatformConfig } from "./platform.js";
import { pathText, type Path } from "./source.js";

export interface LeftOver {
  readonly key: string;
  /** What it is and what to write instead. */
  readonly what: string;
}

const EXTENSION = 1234;
const DID = "+15550100";

export function leftOvers(
  { server, pbx, lines }: Pick<CoreConfig, "server" | "pbx" | "lines">,
  platforms: readonly PlatformConfig[],
): readonly LeftOver[] {
  return [
    ...address(["server", "publicUrl"], server.publicUrl, "the address under which the PBX reaches this server"),
    ...address(["pbx", "url"], pbx.url, "the address of your PBX"),
    ...lines.flatMap((line, index) => inLine(line, ["lines", index], platforms)),
  ];
}

/** These hosts are nobody's for ever (RFC 2606). */
function address(path: Path, url: string | undefined, remedy: string): LeftOver[] {
  const nobodys = url !== undefined && /(^|\.)example\.(com|net|org)$/.test(new URL(url).hostname);
  return nobodys ? [leftOver(path, url, remedy)] : [];
}

/** A PBX may well have an extension of the example's id: it is only told where the line's other values are the example's, too. */
function inLine({ extension, did, to }: Line, path: Path, platforms: readonly PlatformConfig[]): LeftOver[] {
  const number = did === DID ? [leftOver([...path, "did"], did, "one of your numbers, or leave the key out")] : [];
  const places = to.flatMap(({ platform, chat }, index) => {
    const example = platforms.find(({ name }) => name === platform)?.exampleChat;
    return chat === example ? [leftOver([...path, "to", index, platform], chat, "the id of a chat of yours")] : [];
  });
  const others = [...number, ...places];
  const where = "the extension_id of one of your PBX's extensions (docs/operating.md tells where ids are found)";
  return extension === EXTENSION && others.length > 0
    ? [leftOver([...path, "extension"], String(extension), where), ...others]
    : others;
}

function leftOver(path: Path, value: string, remedy: string): LeftOver {
  return { key: pathText(path), what: `is still the example's, ${value}. Write ${remedy}` };
}
