/**
 * From the text of the file to the config. Every problem is reported at once, one line each:
 * `config.yaml:12 pbx.events.secret: has 8 characters, needs at least 16. Make one with: openssl rand -hex 24`.
 */
import type { z } from "zod";
import { ConfigError } from "../errors.js";
import { crossCheck } from "./checks.js";
import type { PlatformConfig } from "./platform.js";
import { keysAt, type Schema } from "./schema.js";
import { pathText, readSource, type Env, type Path, type Problem, type Source } from "./source.js";
import { didYouMean } from "./spelling.js";

export interface File {
  readonly text: string;
  readonly env: Env;
  /** What it is called in problems. */
  readonly name: string;
}

/** Throws `ConfigError` with every problem. `schema`: that of these platforms. */
export function loadWith(
  platforms: readonly PlatformConfig[],
  schema: Schema,
  { text, env, name }: File,
): z.output<Schema> {
  const source = readSource(text, env);
  const nothing = source.value === undefined;
  if (nothing && source.problems.length === 0) {
    throw new ConfigError([`${name}:1 the file is empty. Begin with a copy of config.example.yaml`]);
  }
  const result = schema.safeParse(source.value);
  const found = nothing
    ? []
    : [...shapeProblems(result.error?.issues ?? [], schema, source), ...crossCheck(source.value, platforms)];
  const problems = [...source.problems, ...found];
  if (problems.length > 0 || !result.success) throw new ConfigError(report(problems, source, name));
  return freeze(result.data);
}

type Issues = NonNullable<ReturnType<Schema["safeParse"]>["error"]>["issues"];

function shapeProblems(issues: Issues, schema: Schema, source: Source): readonly Problem[] {
  // A value that could not be filled in is a problem already; what it looks like then says nothing.
  const known = new Set(source.problems.map(({ path }) => pathText(path)));
  return issues.flatMap((issue): readonly Problem[] => {
    const path = issue.path.filter((key) => typeof key !== "symbol");
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => unknownKey(keysAt(schema, path), path, key, issue.message));
    return known.has(pathText(path)) ? [] : [{ path, what: issue.message }];
  });
}

function unknownKey(keys: readonly string[], path: Path, key: string, what: string): Problem {
  const meant = didYouMean(key, keys);
  const remedy = meant === undefined ? `The keys here: ${keys.join(", ")}` : `Did you mean ${meant}?`;
  return { path: [...path, key], what: `${what}. ${remedy}` };
}

/** In the order of the file. */
function report(problems: readonly Problem[], source: Source, name: string): readonly string[] {
  return problems
    .map((problem) => ({ ...problem, line: problem.line ?? source.lineOf(problem.path) }))
    .toSorted((a, b) => a.line - b.line)
    .map(({ path, line, what }) => {
      const variables = source.variablesOf(path);
      const told = variables.length === 0 || variables.some((variable) => what.includes(variable));
      const origin = told ? "" : ` (the value comes from ${variables.join(", ")})`;
      return path.length === 0
        ? `${name}:${line} ${what}${origin}`
        : `${name}:${line} ${pathText(path)}: ${what}${origin}`;
    });
}

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
