/** A real file system of a few megabytes that can be filled and emptied. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  readonly folder: string;
  /** Takes all the room that is left. */
  fill(): void;
  /** Gives it back. */
  empty(): void;
  remove(): void;
}

const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];

function run(...command: readonly string[]): void {
  const [program = "", ...args] = [...asRoot, ...command];
  execFileSync(program, args, { stdio: "ignore" });
}

/** undefined: this user may not mount anything. In CI that is a failure. */
export function smallDisk(): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), "bridge-small-"));
  try {
    run("mount", "-t", "tmpfs", "-o", "size=6m,mode=0777", "tmpfs", folder);
  } catch (error) {
    rmSync(folder, { recursive: true });
    if (process.env["CI"] !== undefined) throw error;
    return undefined;
  }
  const filler = join(folder, "filler");
  return {
    folder,
    fill() {
      const file = openSync(filler, "a");
      try {
        for (;;) writeSync(file, Buffer.alloc(4096));
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(filler, { force: true }),
    remove() {
      run("umount", "--lazy", folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
