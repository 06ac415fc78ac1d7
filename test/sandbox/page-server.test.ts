import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { Impossible, type Action } from "../../src/sandbox/page-actions.js";
import { createPageServer, type PageServer } from "../../src/sandbox/page-server.js";

interface Served {
  readonly server: PageServer;
  readonly port: number;
  readonly done: Action[];
  readonly errors: string[];
}

async function serve(act?: (action: Action) => Promise<void>): Promise<Served> {
  const done: Action[] = [];
  const errors: string[] = [];
  const quiet = (): void => {};
  const logger = { debug: quiet, info: quiet, warn: quiet, error: (_: object, msg: string) => void errors.push(msg) };
  const server = await createPageServer(
    { port: 0 },
    {
      logger,
      parts: () => new Map([["bridge", `{"phase":"running"}`]]),
      act: act ?? (async (action) => void done.push(action)),
    },
  );
  onTestFinished(() => server.close());
  return { server, port: Number(new URL(server.url).port), done, errors };
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** As any program can ask, whatever a browser would allow. */
function ask(port: number, { method = "GET", path = "/", headers = {}, body }: Asked) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const asked = request({
      host: "127.0.0.1",
      port,
      method,
      path,
      headers: { host: `localhost:${port}`, ...headers },
    });
    asked.once("error", reject).once("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    asked.end(body);
  });
}

const json = { "content-type": "application/json" };
const order = JSON.stringify({ do: "stop" });
const post = (headers: Record<string, string> = json, body = order): Asked => ({
  ...{ method: "POST", path: "/actions", headers, body },
});

test("an action of the page is carried out", async () => {
  const { port, done } = await serve();
  const own = { ...json, origin: `http://localhost:${port}`, "sec-fetch-site": "same-origin" };
  expect((await ask(port, post(own))).status).toBe(204);
  expect(done).toEqual([{ do: "stop" }]);
});

test.each([
  ["another site", { ...json, origin: "https://evil.example" }],
  ["another server on this computer", { ...json, origin: "http://localhost:1" }],
  ["a page without an origin of its own", { ...json, origin: "null" }],
  ["a form of another site", { "content-type": "text/plain", "sec-fetch-site": "cross-site" }],
  ["a form", { "content-type": "application/x-www-form-urlencoded" }],
  ["a neighbour by name", { ...json, "sec-fetch-site": "same-site" }],
])("%s cannot act", async (_who, headers) => {
  const { port, done } = await serve();
  expect((await ask(port, post(headers))).status).toBe(403);
  expect(done).toEqual([]);
});

test.each(["/", "/events", "/app.js"])("a name that was pointed at this computer reads nothing of %s", async (path) => {
  const { port } = await serve();
  for (const host of [`evil.example:${port}`, "localhost", `localhost:${port}.evil.example`, `[::1]:${port}`]) {
    expect((await ask(port, { path, headers: { host } })).status).toBe(403);
  }
});

test("another site cannot listen to what happens", async () => {
  const { port } = await serve();
  const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" };
  expect((await ask(port, { path: "/events", headers })).status).toBe(403);
});

test("a link on another site opens the page", async () => {
  const { port } = await serve();
  const answer = await ask(port, { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" } });
  expect(answer.status).toBe(200);
  expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
  expect(answer.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
});

test("every file of the page is served, and nothing else", async () => {
  const { port } = await serve();
  const folder = new URL("../../src/sandbox/page/", import.meta.url);
  for (const name of readdirSync(folder)) {
    const answer = await ask(port, { path: `/${name}` });
    expect([name, answer.status, answer.body === readFileSync(new URL(name, folder), "utf8")]).toEqual([
      name,
      200,
      true,
    ]);
  }
  for (const path of ["/nothing.js", "/../index.ts", "/%2e%2e/index.ts", "/toString", "/events/x"])
    expect((await ask(port, { path })).status).toBe(404);
  expect((await ask(port, { method: "DELETE" })).status).toBe(405);
});

test("the page asks for nothing from elsewhere and has no script within its markup", () => {
  const folder = new URL("../../src/sandbox/page/", import.meta.url);
  for (const name of readdirSync(folder).filter((one) => one !== "icon.svg")) {
    const content = readFileSync(new URL(name, folder), "utf8");
    expect(content, name).not.toMatch(/https?:\/\//);
    expect(content, name).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|<script>|\son\w+="|style="/,
    );
  }
});

test.each([
  ["{", "This is no JSON."],
  [JSON.stringify({ do: "text", contact: "+12015550142", text: "  " }), "Write something first."],
  [JSON.stringify({ do: "text", contact: "+19995550000", text: "hi" }), /option|Invalid/i],
  [JSON.stringify({ do: "format the disk" }), /Invalid/i],
])("what cannot be done is refused with words: %s", async (body, words) => {
  const { port } = await serve();
  const answer = await ask(port, post(json, body));
  expect(answer.status).toBe(409);
  expect(JSON.parse(answer.body)).toEqual({ message: expect.stringMatching(words) });
});

test("what the world refuses is told; what is our own fault is logged", async () => {
  const gone = await serve(() => Promise.reject(new Impossible("It is gone.")));
  expect(await ask(gone.port, post())).toMatchObject({ status: 409, body: `{"message":"It is gone."}` });
  const broken = await serve(() => Promise.reject(new TypeError("a bug")));
  expect(await ask(broken.port, post())).toMatchObject({ status: 500 });
  expect(broken.errors).toHaveLength(1);
});

test("more than a page would send is refused", async () => {
  const { port, done } = await serve();
  expect((await ask(port, post(json, `"${"x".repeat(70_000)}"`))).status).toBe(413);
  expect(done).toEqual([]);
});

test("whoever looks gets everything at first, then what changes, until the end", async () => {
  const { server, port } = await serve();
  let text = "";
  const watching = new Promise<void>((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path: "/events", headers: { host: `localhost:${port}` } });
    asked.once("error", reject).once("response", (response) => {
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (text.endsWith(`running"}\n\n`)) server.push("feed", "[]");
        if (text.endsWith("[]\n\n")) void server.close();
      });
      response.once("close", resolve);
    });
    asked.end();
  });
  await watching;
  expect(text).toBe(`event: bridge\ndata: {"phase":"running"}\n\nevent: feed\ndata: []\n\n`);
});

test("a port that is taken is an error at once", async () => {
  const { port } = await serve();
  const deps = { parts: () => new Map<string, string>(), act: async () => {} };
  const quiet = (): void => {};
  const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  await expect(createPageServer({ port }, { ...deps, logger })).rejects.toThrow("EADDRINUSE");
});
