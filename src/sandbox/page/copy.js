/**
 * A step of the build: what the compiler leaves behind (the page, tables, manifests) goes to the same places in dist.
 *
 *     node src/sandbox/page/copy.js [FOLDER]
 */
import { cp, readdir } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const top = fileURLToPath(new URL("../../../", import.meta.url));
const target = resolve(process.argv[2] ?? join(top, "dist"));
const kinds = new Set([".html", ".css", ".js", ".svg", ".json", ".yaml"]);

for (const folder of ["src", "adapters"]) {
  for (const entry of await readdir(join(top, folder), { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !kinds.has(extname(entry.name)) || file === fileURLToPath(import.meta.url)) continue;
    await cp(file, join(target, file.slice(top.length)));
  }
}
