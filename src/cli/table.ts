/** Columns for a terminal: as wide as their widest cell, two spaces apart, the last one free to run on. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows.map((row) => row.map(printable))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

/** On one line, and without the control characters by which a text from outside could steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\r\n|[\n\r\u2028\u2029]/g, "⏎").replace(/[\p{Cc}\p{Bidi_Control}]/gu, "");
}
