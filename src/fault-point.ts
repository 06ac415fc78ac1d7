/**
 * Places where the crash tests (test/crash) kill the program. Only their own build has them: in every other one the condition is
 * false, and the build leaves out the calls.
 */
import process from "node:process";

/** Set by the build; nobody sets it where the sources are run as they are. */
declare const FAULT_POINTS: boolean | undefined;

/**
 * Ends the process as a power cut does, when the environment says `FAULT_POINT=name:n` and this is the nth pass. `on`: deliveries
 * that are worked; their kind goes before the name, as in `post.begun`.
 */
export function faultPoint(name: string, on?: readonly { readonly work: { readonly kind: string } }[]): void {
  if (typeof FAULT_POINTS !== "undefined" && FAULT_POINTS) {
    const [wanted, passes] = (process.env["FAULT_POINT"] ?? "").split(":");
    const kind = on?.[0]?.work.kind;
    if (wanted !== (kind === undefined ? name : `${kind}.${name}`)) return;
    if (Number(passes) <= 1) process.kill(process.pid, "SIGKILL");
    process.env["FAULT_POINT"] = `${wanted}:${Number(passes) - 1}`;
  }
}
