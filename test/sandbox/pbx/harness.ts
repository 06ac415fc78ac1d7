import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fetch from "node-fetch";
import { onTestFinished } from "vitest";
import { createPbxSimulator } from "../../../src/sandbox/pbx/simulator.js";
import type { PbxSimulatorOptions } from "../../../src/sandbox/pbx/types.js";

export const did = "+12025550100";
export const contact = "+12025550199";

export interface Heard {
  readonly method: string;
  readonly type: string | undefined;
  readonly fields: Record<string, string>;
}

/** Somebody who subscribed to events, and answers them as told: with these statuses, then with 200. */
export async function startListener(statuses: number[] = []) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const raw = request.method === "GET" ? (request.url?.split("?")[1] ?? "") : body;
      const fields = Object.fromEntries(new URLSearchParams(raw));
      heard.push({ method: request.method ?? "", type: request.headers["content-type"], fields });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`, heard };
}

/** A simulator with two extensions, and its API called by plain HTTP. */
export async function start(options: PbxSimulatorOptions = {}) {
  const pbx = await createPbxSimulator(options);
  onTestFinished(() => pbx.close());
  pbx.addExtension({ id: 7, name: "100*101", dids: [did] });
  pbx.addExtension({ id: 8, name: "100*102", dids: ["+12025550108"] });
  const ask = async (method: string, path: string, init: { token?: string; body?: string; type?: string } = {}) => {
    const { token, body, type = "application/json" } = init;
    const response = await fetch(`${pbx.url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "Content-Type": type }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, retryAfter: response.headers.get("retry-after"), text };
  };
  const grant = (form: Record<string, string>) =>
    ask("POST", "/oauth/token", {
      body: new URLSearchParams(form).toString(),
      type: "application/x-www-form-urlencoded",
    });
  const client = { client_id: pbx.credentials.clientId, client_secret: pbx.credentials.clientSecret };
  const { text } = await grant({ grant_type: "client_credentials", ...client });
  const { access_token: token } = JSON.parse(text) as { access_token: string };
  const call = (method: string, path: string, body?: object) =>
    ask(method, `/api/ver1.0/extension/${path}`, {
      token,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const subscribe = (url: string, type: string, method = "POST") =>
    call("POST", "7/event/", { url, event_type: type, method });
  return { pbx, ask, grant, client, token, call, subscribe };
}
