/** The command line: its commands, and what a wrong use of it is answered with. */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { didYouMean } from "../config/spelling.js";

export interface Commands {
  start(config: string): Promise<void>;
  sandbox(port: number): Promise<void>;
  doctor(config: string): Promise<void>;
  erase(number: string, options: { readonly config: string; readonly yes?: boolean }): Promise<void>;
}

export interface ProgramDeps {
  readonly commands: Commands;
  /** Commands that are put together elsewhere. */
  readonly more: readonly Command[];
  exists(file: string): boolean;
  stdout(text: string): void;
  stderr(text: string): void;
}

const DEFAULT_CONFIG = "config.yaml";

export function createProgram(deps: ProgramDeps): Command {
  const program: Command = new Command("pbx-chat-bridge")
    .enablePositionalOptions()
    .description("The shared SMS inbox where your team already is: a cloud PBX's texts in Slack and Telegram")
    .version(manifest.version, "--version", "print the version")
    .option("--config <file>", `the config file (default: ${DEFAULT_CONFIG})`)
    .action(async () => withoutCommand(program, deps))
    .hook("preAction", (_, action) => takeConfigBefore(program, action));
  addCommands(program, deps.commands);
  // After the commands, which would inherit it: what is too much here is the name of no command.
  program.allowExcessArguments();
  for (const command of deps.more) program.addCommand(command);
  everyCommand(program, (command) => {
    command.exitOverride().showHelpAfterError("Add --help to see what there is.");
    command.configureOutput({ writeOut: deps.stdout, writeErr: deps.stderr });
  });
  return program;
}

/** 0 when a command has run (it sets the exit code itself) or help was asked for, 2 after a wrong use. */
export async function runProgram(program: Command, args: readonly string[]): Promise<0 | 2> {
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

function addCommands(program: Command, { start, sandbox, doctor, erase }: Commands): void {
  program
    .command("start")
    .description("run the bridge")
    .option("--config <file>", "the config file", DEFAULT_CONFIG)
    .action(({ config }: { config: string }) => start(config));
  program
    .command("sandbox")
    .description("try the whole bridge in the browser, against a simulated PBX, Slack and Telegram")
    .option("--port <number>", "the page's port", portOf, 8080)
    .action(({ port }: { port: number }) => sandbox(port));
  program
    .command("doctor")
    .description("check the config and everything it names; say what is missing and how to mend it")
    .option("--config <file>", "the config file", DEFAULT_CONFIG)
    .action(({ config }: { config: string }) => doctor(config));
  program
    .command("erase")
    .description("erase a contact everywhere we can reach: PBX, Slack, Telegram and the store")
    .argument("<number>", "the contact's number, or the name it texts under")
    .option("--yes", "do not ask")
    .option("--config <file>", "the config file", DEFAULT_CONFIG)
    .action((number: string, options: { config: string; yes?: boolean }) => erase(number, options));
}

/** As `start`; where nobody has made a config yet, the sandbox. */
async function withoutCommand(program: Command, { commands, exists, stdout }: ProgramDeps): Promise<void> {
  const [unknown] = program.args;
  if (unknown !== undefined) program.error(unknownCommand(program, unknown));
  const { config } = program.opts<{ config?: string }>();
  if (config !== undefined || exists(DEFAULT_CONFIG)) return commands.start(config ?? DEFAULT_CONFIG);
  stdout(`There is no ${DEFAULT_CONFIG} here, so this is the sandbox: everything is simulated.\n`);
  return commands.sandbox(8080);
}

function unknownCommand(program: Command, word: string): string {
  const names = program.commands.map((command) => command.name());
  const meant = didYouMean(word, names);
  const remedy = meant === undefined ? `The commands: ${names.join(", ")}.` : `Did you mean ${meant}?`;
  return `error: there is no command '${word}'. ${remedy}`;
}

/** `--config FILE doctor` means what `doctor --config FILE` means. */
function takeConfigBefore(program: Command, action: Command): void {
  const { config } = program.opts<{ config?: string }>();
  if (config !== undefined && action.getOptionValueSource("config") === "default")
    action.setOptionValue("config", config);
}

function portOf(given: string): number {
  const port = Number(given);
  if (/^\d+$/.test(given) && port <= 65_535) return port;
  throw new InvalidArgumentError("Write a number from 0 to 65535.");
}

function everyCommand(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const inner of command.commands) everyCommand(inner, change);
}
