import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";

const top = new URL("../", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, top), "utf8");

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** The instructions of each stage. */
function stages(dockerfile: string): Instruction[][] {
  const lines = dockerfile
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n");
  const all: Instruction[][] = [];
  for (const line of lines.filter((one) => one.trim() !== "")) {
    const [, name = "", rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (name === "FROM") all.push([]);
    all.at(-1)?.push({ name, rest });
  }
  return all;
}

const [build = [], final = [], ...more] = stages(read("Dockerfile"));

function only(name: string): string {
  const found = final.filter((one) => one.name === name);
  expect(found, name).toHaveLength(1);
  return found[0]?.rest ?? "";
}

function words(text: string): string[] {
  const parsed: unknown = JSON.parse(text);
  expect(parsed).toEqual(expect.arrayContaining([expect.any(String)]));
  return Array.isArray(parsed) ? parsed.map(String) : [];
}

test("every line is an instruction, in two stages on the same image of an LTS that the project supports", () => {
  expect(more).toEqual([]);
  expect([...build, ...final].filter(({ name }) => name === "")).toEqual([]);
  expect(build[0]?.rest).toBe(`${final[0]?.rest} AS build`);
  expect(final[0]?.rest).toMatch(/^node:(2[02468])-slim$/);
});

test("the build installs what the lock file says, compiles, and keeps only what production needs", () => {
  const steps = build.filter(({ name }) => name === "RUN").map(({ rest }) => rest.split(" --")[0]);
  expect(steps).toEqual(["npm ci", "npm run build", "npm prune"]);
  expect(build.map(({ rest }) => rest)).toContain("npm prune --omit=dev --no-audit --no-fund");
});

test("what is copied exists and is not kept from the builder", () => {
  const allowed = read(".dockerignore").split("\n");
  const copied = build.filter(({ name }) => name === "COPY").flatMap(({ rest }) => rest.split(" ").slice(0, -1));
  expect(copied.filter((name) => !existsSync(new URL(name, top)) || !allowed.includes(`!${name}`))).toEqual([]);
  expect(allowed).toContain("*");
});

test("the last stage takes over the programme, its dependencies and its package.json, and nothing else", () => {
  const copied = final.filter(({ name }) => name === "COPY").map(({ rest }) => rest);
  expect(copied).toEqual([
    "--from=build /app/package.json ./",
    "--from=build /app/node_modules node_modules",
    "--from=build /app/dist dist",
  ]);
});

test("it does not run as root, and only /data needs to be writable", () => {
  expect(only("USER")).toBe("node");
  expect(only("VOLUME")).toBe("/data");
  expect(only("WORKDIR")).toBe("/app");
  const order = final.map(({ name }) => name);
  expect(order.indexOf("RUN")).toBeLessThan(order.indexOf("USER"));
  expect(order.lastIndexOf("RUN")).toBeLessThan(order.indexOf("VOLUME"));
  // The default storage, data/bridge.db under /app, is in the volume.
  expect(only("RUN")).toBe("mkdir /data && chown node:node /data && ln -s /data data");
});

test("signals reach node: no shell and no npm stand in between", () => {
  const { bin } = JSON.parse(read("package.json")) as { bin: Record<string, string> };
  expect(words(only("ENTRYPOINT"))).toEqual(["node", bin["pbx-chat-bridge"]]);
  expect(words(only("CMD"))).toEqual(["start", "--config", "/config/config.yaml"]);
  expect(only("STOPSIGNAL")).toBe("SIGTERM");
});

test.each([
  [200, 0],
  [503, 1],
])("the health check takes an answer of %i for exit code %i", async (status, code) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/healthz" ? status : 404).end();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  expect(await healthCheck(typeof address === "object" ? (address?.port ?? 0) : 0)).toBe(code);
});

test("the health check fails when nobody listens", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  expect(await healthCheck(typeof address === "object" ? (address?.port ?? 0) : 0)).toBe(1);
});

/** Runs the very command, on another port. */
async function healthCheck(port: number): Promise<number> {
  const [, command = ""] = /CMD (\[.*\])$/.exec(only("HEALTHCHECK")) ?? [];
  const [, ...args] = words(command.replace("127.0.0.1:8080", `127.0.0.1:${port}`));
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return code ?? -1;
}
