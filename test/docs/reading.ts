/** The README and the handbook, as the tests read them. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const top = fileURLToPath(new URL("../../", import.meta.url));

export interface Page {
  /** Relative to the top, such as `docs/operating.md`. */
  readonly name: string;
  readonly text: string;
  /** Without fenced blocks. */
  readonly prose: string;
}

export const read = (name: string): string => readFileSync(join(top, name), "utf8");

export function pages(): readonly Page[] {
  const names = readdirSync(join(top, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...names.map((name) => `docs/${name}`)].map((name) => {
    const text = read(name);
    return { name, text, prose: text.replaceAll(/^```[^]*?^```$/gm, "") };
  });
}

/** What stands between back-ticks in the prose. */
export function spans({ prose }: Page): readonly string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
}

export function blocks({ text }: Page, language: string): readonly string[] {
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, lang]) => lang === language)
    .map(([, , body = ""]) => body);
}

export interface Link {
  /** Relative to the top; empty: the page itself. */
  readonly file: string;
  readonly anchor: string | undefined;
}

/** Links and images that stay in the repository. */
export function links({ name, prose }: Page): readonly Link[] {
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = "", anchor] = target.split("#");
      return { file: path === "" ? name : join(dirname(name), path), anchor };
    });
}

/** As GitHub names headings. */
export function anchors(markdown: string): ReadonlySet<string> {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** The cells of the table whose first column has this head, row by row, without back-ticks. */
export function table({ prose }: Page, head: string): readonly (readonly string[])[] {
  const lines = prose.split("\n");
  const start = lines.findIndex((line) => cells(line)[0] === head);
  if (start === -1) return [];
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 2, end === -1 ? lines.length : end).map(cells);
}

function cells(line: string): readonly string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll("`", ""));
}

/** The commands of all `sh` blocks. */
export function commands(all: readonly Page[]): ReadonlySet<string> {
  const lines = all.flatMap((page) => blocks(page, "sh")).flatMap((block) => block.split("\n"));
  return new Set(lines.filter((line) => line !== "" && !line.startsWith("#")));
}
