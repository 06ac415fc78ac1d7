/** Which fault, if any, a call meets. */
import type { Fault } from "./types.js";

export function createFaults() {
  const active: { readonly fault: Fault; left: number }[] = [];
  const remove = (entry: (typeof active)[number]) => {
    const index = active.indexOf(entry);
    if (index !== -1) active.splice(index, 1);
  };
  return {
    add(fault: Fault): { stop(): void } {
      const entry = { fault, left: fault.times ?? Infinity };
      active.push(entry);
      return { stop: () => remove(entry) };
    },
    /** The oldest that fits; counts as met. */
    meet(method: string, path: string): Fault | undefined {
      const entry = active.find(({ fault }) => fits(fault, method, path));
      if (entry === undefined) return undefined;
      entry.left -= 1;
      if (entry.left <= 0) remove(entry);
      return entry.fault;
    },
  };
}

/** A fault without a path spares the token endpoint: "the next POST fails" means a POST of the API. */
function fits(fault: Fault, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method !== method) return false;
  if (fault.path === undefined) return path.startsWith("/api/");
  return typeof fault.path === "string" ? path.includes(fault.path) : new RegExp(fault.path, "i").test(path);
}
