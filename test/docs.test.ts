/** The README and the handbook say what is so. Their commands are tried in `docs/commands.test.ts`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { REACTIONS } from "../adapters/telegram/marks.js";
import { createEmojiNames } from "../adapters/slack/emoji.js";
import { loadConfig, schema } from "../src/config.js";

import { createMetrics } from "../src/metrics.js";
import { RETRY_POLICIES } from "../src/queue/retry.js";
import { anchors, blocks, links, pages, read, spans, table, top, type Page } from "./docs/reading.js";

const all = pages();

function page(name: string): Page {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

const operating = page("docs/operating.md");

describe("the docs", () => {
  test("the README stays two screens long", () => {
    expect(read("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(130);
  });

  test.each(all)("every link and image of $name leads somewhere", (each) => {
    const dead = links(each).filter(({ file, anchor }) => {
      if (!existsSync(join(top, file))) return true;
      return anchor !== undefined && !anchors(read(file)).has(anchor);
    });
    expect(dead).toEqual([]);
  });

  test.each(all)("every path that $name names exists", (each) => {
    const paths = spans(each).filter((span) =>
      /^((src|adapters|test|docs)\/[\w./-]*|config\.example\.yaml)$/.test(span),
    );
    expect(paths.filter((path) => !existsSync(join(top, path)))).toEqual([]);
  });

  test("the example adapter and its config are those that are tested", () => {
    const files = ["test/docs/console-adapter.ts", "test/docs/console-config.ts"];
    expect(blocks(page("docs/adding-a-platform.md"), "ts")).toEqual(files.map(read));
  });

  test("every interface of the contract that is an ability is explained", () => {
    const [, abilities = ""] = read("src/adapter.ts").split("/* Optional abilities */");
    const named = [
      ...abilities.matchAll(
        /^export interface ((?:Marks|Shows|Knows|Finds|Reads|Settles|Erases|Receives|Tells|Checks)\w+)/gm,
      ),
    ];
    const explained = table(page("docs/adding-a-platform.md"), "Interface").map(([name]) => name);
    expect(new Set(explained)).toEqual(new Set(named.map(([, name]) => name)));
  });

  test("the marks are those that people see", () => {
    const told = table(page("README.md"), "The mark on what you wrote").map(([, ...signs]) =>
      signs.map(plain).join(" "),
    );
    const emoji = createEmojiNames();
    const source = read("adapters/slack/marks.ts");
    const so = Object.entries(REACTIONS).map(([mark, telegram]) => {
      const [, name = ""] = new RegExp(`${mark}: "(\\w+)"`).exec(source) ?? [];
      return `${plain(emoji(name) ?? name)} ${telegram}`;
    });
    expect(new Set(told)).toEqual(new Set(so));
  });

  test("how long each kind of work is tried is what the retry policy says", () => {
    const told = table(operating, "Kind").map(([kind, , longest, giveUp]) => [kind, longest, giveUp]);
    const so = Object.entries(RETRY_POLICIES).map(([kind, { longestMs, giveUpAfterMs }]) => [
      kind,
      `${longestMs / 1000} s`,
      giveUpAfterMs < 3_600_000 ? `${giveUpAfterMs / 60_000} min` : `${giveUpAfterMs / 3_600_000} h`,
    ]);
    expect(new Set(told)).toEqual(new Set(so));
  });
});

/** Without the sign that asks for a coloured picture. */
function plain(emoji: string): string {
  return emoji.replaceAll("\uFE0F", "");
}

describe("the config reference", () => {
  const rows = table(operating, "Key");

  test("lists every key that holds a value, and no other", () => {
    const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" });
    expect(new Set(rows.map(([key]) => key))).toEqual(new Set(leaves(shape, "")));
  });

  test("tells the defaults", () => {
    const told = rows.filter(([, value]) => value !== "needed" && value !== "—").map(([key, value]) => [key, value]);
    const config: unknown = loadConfig(JSON.stringify(LEAST), {});
    expect(told).toEqual(told.map(([key = ""]) => [key, shown(at(config, key))]));
  });

  test("says of every other key truly whether it is needed", () => {
    for (const [key = "", value] of rows) {
      if (value !== "needed") continue;
      expect(() => loadConfig(JSON.stringify(LEAST, without(key)), {}), key).toThrow(key.replace("[]", "[0]"));
    }
    expect(at(loadConfig(JSON.stringify(LEAST), {}), "links")).toBeUndefined();
  });

  test.each(all)("has every key that $name names", (each) => {
    const known = rows.map(([key = ""]) => key);
    const named = spans(each).filter((span) =>
      /^(server|storage|links|pbx|slack|telegram|lines(\[\])?|inbox|retention|log)\.[a-zA-Z.[\]]+$/.test(span),
    );
    const unknown = named.filter(
      (key) => !known.some((one) => one === key || one.startsWith(`${key}.`) || one.startsWith(`${key}[`)),
    );
    expect(unknown).toEqual([]);
  });
});

test("the metrics that the docs name are those that there are", async () => {
  const { render } = createMetrics({ waiting: () => [], setAside: () => 0, held: () => 0 });
  const { body } = await render();
  const known = [...body.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name);
  expect(new Set(table(operating, "Metric").map(([name]) => name))).toEqual(new Set(known));
  const named = all.flatMap(spans).filter((span) => /^(bridge|process|nodejs)_[a-z_]+$/.test(span));
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});

/** A config with nothing in it that may be left out, for all keys. */
const LEAST = {
  server: { publicUrl: "https://sms.example.com" },
  pbx: { url: "https://pbx.example.com", clientId: "a", clientSecret: "b", events: { secret: "0123456789abcdef" } },
  slack: { botToken: "xoxb-1", appToken: "xapp-1" },
  telegram: { botToken: "1:a" },
  lines: [{ name: "Sales", extension: "1", to: [{ slack: "C0123456789" }] }],
};

/** Leaves one key out as JSON is written. */
function without(path: string): (key: string, value: unknown) => unknown {
  const [section = "", ...rest] = path.replace("[]", "").split(".");
  const name = rest.at(-1);
  return function (this: unknown, key, value) {
    const inSection = Reflect.get(LEAST, section);
    const holder = Array.isArray(inSection)
      ? inSection[0]
      : rest.length === 2
        ? Reflect.get(inSection, rest[0] ?? "")
        : inSection;
    return key === name && this === holder ? undefined : value;
  };
}

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
}

function leaves(shape: unknown, path: string): string[] {
  const { properties, items } = shape as Shape;
  if (properties !== undefined)
    return Object.entries(properties).flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
  return items?.properties === undefined ? [path] : leaves(items, `${path}[]`);
}

function at(config: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
      config,
    );
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
