/**
 * The config file as it was written: every value as text (the schema knows what is a number), environment variables
 * filled in, and for each path the line it stands on, so that a problem can say where to look.
 */
import {
  LineCounter,
  parseDocument,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  type YAMLError,
} from "yaml";

export type Path = readonly (string | number)[];
export type Env = Readonly<Record<string, string | undefined>>;

export interface Problem {
  readonly path: Path;
  /** Where it stands, if that is not where the path's value begins. */
  readonly line?: number;
  /** What is wrong and how to mend it. */
  readonly what: string;
}

export interface Source {
  /** Texts, lists and maps of such; undefined for a file that holds nothing. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** The line of the path, or else of the nearest part of it that exists. */
  lineOf(path: Path): number;
  /** The environment variables that gave this value. */
  variablesOf(path: Path): readonly string[];
}

/** `pbx.events.secret`, `lines[0].to[1].slack`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

export function readSource(text: string, env: Env): Source {
  const counter = new LineCounter();
  // "failsafe" leaves every value as text: `did: +15550100` keeps its plus, and a secret of digits stays a secret.
  const document = parseDocument(text, { schema: "failsafe", lineCounter: counter, prettyErrors: false });
  const lineAt = (offset: number): number => Math.max(1, counter.linePos(offset).line);
  const reader = createReader(env, lineAt);
  const errors = document.errors.map((error) => syntaxProblem(error, lineAt(error.pos[0])));
  const broken = firstOfEachLine(tabsFirst(errors, text.split("\n")));
  const readable = document.errors.every((error) => error.code === "DUPLICATE_KEY");
  const value = readable ? reader.read(document.contents, []) : undefined;
  return {
    value,
    problems: [...broken, ...reader.problems],
    lineOf: (path) => nearest(reader.lines, path),
    variablesOf: (path) => reader.variables.get(pathText(path)) ?? [],
  };
}

function nearest(lines: ReadonlyMap<string, number>, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(pathText(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}

interface Reader {
  read(node: Node | null, path: Path): unknown;
  readonly problems: Problem[];
  readonly lines: Map<string, number>;
  readonly variables: Map<string, readonly string[]>;
}

function createReader(env: Env, lineAt: (offset: number) => number): Reader {
  const problems: Problem[] = [];
  const lines = new Map<string, number>();
  const variables = new Map<string, readonly string[]>();

  function read(node: unknown, path: Path): unknown {
    if (isMap(node)) {
      // fromEntries makes own properties, so that a key such as `__proto__` is an unknown key like any other.
      return Object.fromEntries(node.items.flatMap((pair) => readPair(pair.key, pair.value, path)));
    }
    if (isSeq(node)) return node.items.map((item, index) => readAt(item, item, [...path, index]));
    if (isScalar(node)) return readScalar(scalarText(node), node.type === "PLAIN", path);
    if (isAlias(node)) {
      problems.push({ path, what: "is a YAML alias (*name), which is not supported here. Write the value out" });
    }
    return undefined;
  }

  function readPair(key: unknown, value: unknown, path: Path): [string, unknown][] {
    const name = isScalar(key) ? scalarText(key) : "?";
    const inner = readAt(key, value, [...path, name]);
    return inner === undefined ? [] : [[name, inner]];
  }

  function readAt(place: unknown, node: unknown, path: Path): unknown {
    const offset = isScalar(place) || isMap(place) || isSeq(place) || isAlias(place) ? place.range?.[0] : undefined;
    if (offset !== undefined) lines.set(pathText(path), lineAt(offset));
    return read(node, path);
  }

  function readScalar(text: string, plain: boolean, path: Path): unknown {
    // A key whose values are all commented out is as good as absent.
    if (plain && ["", "~", "null"].includes(text)) return undefined;
    const filled = fillIn(text, env);
    problems.push(...filled.wrong.map((what) => ({ path, what })));
    if (filled.names.length > 0) variables.set(pathText(path), filled.names);
    return filled.text;
  }

  return { read, problems, lines, variables };
}

function scalarText({ value }: Scalar): string {
  return typeof value === "string" ? value : "";
}

interface FilledIn {
  readonly text: string;
  readonly names: readonly string[];
  readonly wrong: readonly string[];
}

/** `${NAME}` becomes the variable's value, anywhere in the text; `$${` stands for a plain `${`. */
function fillIn(text: string, env: Env): FilledIn {
  const names: string[] = [];
  const wrong: string[] = [];
  const filled = text.replaceAll(/\$\$\{|\$\{([^}]*)(\}?)/g, (whole, name: string | undefined, end: string) => {
    if (name === undefined) return "${";
    if (end === "" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      wrong.push("has a ${ without the name of an environment variable and a }. For a plain ${ write $${");
      return whole;
    }
    names.push(name);
    const value = env[name];
    if (value === undefined) wrong.push(`needs the environment variable ${name}, which is not set. ${howToSet(name)}`);
    return value ?? whole;
  });
  return { text: filled, names, wrong };
}

/** Node reads such a file only where it is told to. */
function howToSet(name: string): string {
  return `Set it, or write ${name}=… into the file .env and start with: node --env-file=.env dist/src/main.js`;
}

/** Where a line is indented with a tab, what is wrong around it is its consequence, by whatever name the parser calls it. */
function tabsFirst(problems: readonly Problem[], lines: readonly string[]): readonly Problem[] {
  const tabbed = problems.filter(({ line = 1 }) => /^ *\t/.test(lines[line - 1] ?? ""));
  return tabbed.length === 0 ? problems : tabbed.map((problem) => ({ ...problem, what: TABBED }));
}

/** What follows a syntax error on the same line is mostly its consequence. */
function firstOfEachLine(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<number | undefined>();
  return problems.filter(({ line }) => !seen.has(line) && seen.add(line));
}

/** Own words: the parser's may quote what stands in the file, and that may be a secret. */
function syntaxProblem(error: YAMLError, line: number): Problem {
  const isOpen = /^Flow (map|sequence) .* end with a ([}\]])/.exec(error.message);
  const what = isOpen === null ? (syntaxWords[error.code] ?? notYaml) : notClosed(isOpen[2] ?? "");
  return { path: [], line, what };
}

function notClosed(bracket: string): string {
  const open = bracket === "}" ? "{" : "[";
  return `comes before a ${open} is closed that begins above or on this line. Put its ${bracket} where it ends`;
}

const braces = "Within [ ] and { } put ${NAME} in quotes";
const notYaml = `is not YAML. Look for a missing colon or quote, or a wrong indentation, here or just above. ${braces}`;
const TABBED = "is indented with a tab. YAML wants spaces";
const syntaxWords: Readonly<Partial<Record<YAMLError["code"], string>>> = {
  DUPLICATE_KEY: "this key stands twice in the same map. Keep one of them",
  TAB_AS_INDENT: TABBED,
  BAD_INDENT: "is indented differently from its neighbours. Keys of one map begin in the same column",
  BAD_SCALAR_START: "has a value that begins with a character of YAML's own. Put the value in quotes",
  BAD_DQ_ESCAPE: 'has a backslash in "double quotes" that YAML does not know. Put the value in single quotes',
  MISSING_CHAR: `lacks a closing quote, a bracket, a comma or a colon. ${braces}`,
  MULTIPLE_DOCS: "begins a second document (---). Keep everything in one",
  BLOCK_AS_IMPLICIT_KEY: "has two keys on one line. Put each on its own; quote a value that holds a colon and a space",
};
