/** Who we are when we work a target: a name that tells another process of this machine whether we still run. */
import { hostname } from "node:os";
import type { Lease } from "./queue/sqlite-lease.js";

/** Longer than any one call to a platform may take. */
const LEASE_MS = 30_000;

/** `nonce`: tells apart processes that had the same number, as the first one of every container has. */
export function createLease(nonce: string): Lease {
  const host = hostname();
  const owner = `${host} ${process.pid} ${nonce}`;
  return {
    owner,
    ms: LEASE_MS,
    gone(other) {
      const [theirHost, pid] = other.split(" ");
      if (theirHost !== host) return false;
      return Number(pid) === process.pid || !isRunning(Number(pid));
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
