/** The figures as one table in Markdown. */
import { cpus } from "node:os";

export interface Row {
  readonly what: string;
  readonly figures: string;
  /** To the first of its kind. */
  readonly ratio?: number;
  readonly aim?: string;
}

export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ what, figures, ratio, aim }) => [
    what,
    figures,
    ratio === undefined ? "" : `${ratio.toFixed(2)} ×`,
    aim ?? "",
  ]);
  const lines = [["", "measured", "ratio", "aim"], ["---", "---", "---", "---"], ...cells];
  return [machine(), "", ...lines.map((line) => `| ${line.join(" | ")} |`)].join("\n");
}

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? "CPU"}, ${process.platform}, Node ${process.version}`;
}

/** Three digits that mean something; above a thousand, with its separators. */
export function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(2);
}
