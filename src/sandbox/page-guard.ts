/**
 * Who may use the page's server. It listens on loopback only; what remains are other web sites that the same browser has
 * open: they may send requests to loopback (CSRF), or point a name of their own at it (DNS rebinding).
 */
import type { IncomingMessage } from "node:http";

const LOCAL_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1"]);

/** Why the request is refused; undefined: it may pass. */
export function refusal(request: Pick<IncomingMessage, "headers" | "method">, port: number): string | undefined {
  const { host, origin, "sec-fetch-site": site, "sec-fetch-mode": mode, "content-type": type } = request.headers;
  if (!isOurs(host, port)) return "This server answers to localhost only.";
  if (origin !== undefined && !isOurs(origin.replace(/^http:\/\//, ""), port)) return "Another site may not use this.";
  // A link to the page, in a README on the web perhaps, is welcome: opening it does nothing yet.
  const follows = mode === "navigate" && request.method === "GET";
  if ((site === "cross-site" || site === "same-site") && !follows) return "Another site may not use this.";
  if (request.method === "POST" && !/^application\/json\b/.test(type ?? "")) return "Send JSON.";
  return undefined;
}

function isOurs(authority: string | undefined, port: number): boolean {
  const [, name = "", given = "80"] = /^([^:/]+)(?::(\d+))?$/.exec(authority ?? "") ?? [];
  return LOCAL_NAMES.has(name.toLowerCase()) && Number(given) === port;
}

/** Nothing from elsewhere is loaded, nothing is framed; scripts and styles come from files of ours. */
export const GUARDING_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
};
