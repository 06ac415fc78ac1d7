/** TLS that fails once a request has arrived, as behind a box that dies or speaks plain text: it must not count as never sent. */
import { once } from "node:events";
import { Agent, createServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import nodeFetch from "node-fetch";
import { expect, onTestFinished, test } from "vitest";
import { clientOptions, createApi, sdkLogger } from "../../adapters/slack/api.js";
import { readFailure, toBridge } from "../../adapters/telegram/errors.js";
import { isUntrusted } from "../../src/certificates.js";
import { createExchange } from "../../src/pbx/http.js";
import { quiet } from "../adapters/slack/quiet.js";

/** A key that both sides know: real TLS without a certificate. */
const psk = Buffer.alloc(32, 7);
const agent = new Agent({ pskCallback: () => ({ psk, identity: "us" }), checkServerIdentity: () => undefined });
const fetch = ((url: string, init: object) => nodeFetch(url, { ...init, agent })) as typeof nodeFetch;

/** A server that takes requests whole, behind a box that then puts `garbage` into the encrypted stream. */
async function brokenAfter(garbage: Buffer) {
  const taken: string[] = [];
  const callers = new Set<Socket>();
  const server = createServer({ pskCallback: () => psk }, (request) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += String(chunk)));
    request.on("end", () => {
      taken.push(body);
      for (const caller of callers) caller.write(garbage);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const box = createTcpServer((caller) => {
    const way = connect((server.address() as AddressInfo).port, "127.0.0.1");
    callers.add(caller);
    for (const end of [caller, way]) end.on("error", () => end.destroy());
    caller.on("close", () => way.destroy());
    caller.pipe(way).pipe(caller);
  });
  await once(box.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const caller of callers) caller.destroy();
    server.closeAllConnections();
    server.close();
    box.close();
  });
  return { url: `https://127.0.0.1:${(box.address() as AddressInfo).port}/`, taken };
}

const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(() => undefined).catch((error) => error);

test.each([
  ["plain text of a proxy", Buffer.from("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")],
  ["a record that nobody can decrypt", Buffer.concat([Buffer.from([0x17, 3, 3, 0, 32]), Buffer.alloc(32, 7)])],
])("what arrived before %s may have taken effect", async (_, garbage) => {
  const { url, taken } = await brokenAfter(garbage);
  const exchange = createExchange({ timeoutMs: 5000 }, { fetch, now: Date.now });
  const asked = { what: "send the text", method: "POST", url, headers: {}, body: "{}", changes: true } as const;
  const ofPbx = await failureOf(exchange(asked));
  expect(ofPbx).toMatchObject({ name: "RetryLater", uncertain: true, scope: "delivery" });
  expect(ofPbx).toHaveProperty("message", expect.not.stringContaining("certificate"));

  const options = clientOptions({ apiUrl: url, timeoutMs: 5000 }, fetch, sdkLogger(quiet));
  const api = createApi("xoxb-1", options);
  const post = api.call("chat.postMessage", "doubles", (web) => web.apiCall("chat.postMessage", { text: "hello" }));
  expect(await failureOf(post)).toMatchObject({ name: "RetryLater", uncertain: true });

  const failure = readFailure(await failureOf(fetch(url, { method: "POST", body: "{}" })), "sendMessage", "7:token");
  expect(toBridge(failure, "-1")).toMatchObject({ name: "RetryLater", uncertain: true });
  expect(taken).toHaveLength(3);
});

test("only what Node found wrong with a certificate was found before anything left", () => {
  for (const code of [
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "ERR_TLS_CERT_ALTNAME_INVALID",
  ])
    expect(isUntrusted(code), code).toBe(true);
  for (const code of [
    "EPROTO",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
    "ERR_TLS_DH_PARAM_SIZE",
  ])
    expect(isUntrusted(code), code).toBe(false);
});
