/** A listening server with everything behind it under the test's control. */
import { request, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { onTestFinished } from "vitest";
import type { Webhook } from "../../src/adapter.js";
import type { UsedEvent } from "../../src/http/intake.js";
import { createServer, type Server, type ServerDeps, type ServerOptions } from "../../src/http/server.js";
import { MalformedEvent } from "../../src/pbx/events.js";
import type { PbxEvent } from "../../src/pbx/types.js";

export const secret = "0123456789abcdef";
export const events = `/pbx/events/${secret}`;

export interface Logged {
  readonly level: string;
  readonly fields: object;
  readonly msg: string;
}

export interface Served {
  readonly port: number;
  readonly server: Server;
  readonly accepted: UsedEvent[];
  readonly counted: string[];
  readonly refused: string[];
  readonly logged: Logged[];
}

export async function serve(options: Partial<ServerOptions> = {}, deps: Partial<ServerDeps> = {}): Promise<Served> {
  const accepted: UsedEvent[] = [];
  const counted: string[] = [];
  const refused: string[] = [];
  const logged: Logged[] = [];
  const at = (level: string) => (fields: object, msg: string) => void logged.push({ level, fields, msg });
  const server = createServer(
    { host: "127.0.0.1", port: 0, secret, allowFrom: [], trustProxy: [], ...options },
    {
      parse: parseForm,
      accept: (event) => Promise.resolve(void accepted.push(event)),
      count: (kind) => void counted.push(kind),
      refused: (why) => void refused.push(why),
      now: Date.now,
      webhooks: [],
      health: () => [],
      metrics: () => Promise.resolve({ contentType: "text/plain", body: "" }),
      log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
      ...deps,
    },
  );
  onTestFinished(() => server.close());
  const { port } = await server.listen();
  return { port, server, accepted, counted, refused, logged };
}

/** As much of an event as these tests need: `kind=text-in&text=…`, or `kind=unused`. */
function parseForm(_contentType: string | undefined, wire: Buffer | string): PbxEvent {
  const fields = new URLSearchParams(wire.toString());
  const contact = { number: "+15550123", wire: "15550123" };
  const kind = fields.get("kind");
  if (kind === "text-in") return { kind, extension: 1, contact, text: fields.get("text") ?? "" };
  if (kind === "unused") return { kind, type: "voicemail" };
  throw new MalformedEvent("The event has no field kind.");
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request on a connection of its own, unless `options.agent` says otherwise. */
export function ask(
  port: number,
  method: string,
  path: string,
  body?: string | Uint8Array,
  options: RequestOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, agent: false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export function webhook(path: string, handle: Webhook["handle"]): Webhook {
  return { method: "POST", path, handle };
}

/** A promise that the test resolves when it is time. */
export function later(): { readonly promise: Promise<void>; resolve(): void } {
  let settle = (): void => undefined;
  const promise = new Promise<void>((resolve) => (settle = resolve));
  return { promise, resolve: () => settle() };
}
