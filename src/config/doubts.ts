/** What a config may hold, and hardly ever should: `doctor` tells it, and nothing fails by it. */
import type { CoreConfig } from "../config.js";
import { pathText } from "./source.js";

export interface Doubt {
  readonly key: string;
  /** What is doubtful in it and what to write instead. */
  readonly what: string;
}

export function doubtsAbout({ server, lines }: Pick<CoreConfig, "server" | "lines">): readonly Doubt[] {
  return [...plainAddress(server.publicUrl), ...sameNames(lines.map(({ name }) => name))];
}

/** What never leaves this machine needs no certificate. */
function plainAddress(url: string | undefined): readonly Doubt[] {
  if (url === undefined) return [];
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:" || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return [];
  const what =
    "is plain http: whoever is on the way reads the texts, and the secret in the event URL. Write an https address (docs/operating.md, Behind a reverse proxy)";
  return [{ key: "server.publicUrl", what }];
}

function sameNames(names: readonly string[]): readonly Doubt[] {
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return [];
    const what = `is "${name}", as lines[${first}].name is: people cannot tell the two apart. Give each line a name of its own`;
    return [{ key: pathText(["lines", index, "name"]), what }];
  });
}
