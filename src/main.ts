#!/usr/bin/env node
/** The command line. Each command loads what it needs when it runs, so that `start` starts quickly. */
import { existsSync } from "node:fs";
import { Command } from "commander";

const DEFAULT_CONFIG = "config.yaml";

const program = new Command("pbx-chat-bridge")
  .enablePositionalOptions()
  .description("The shared SMS inbox where your team already is: a cloud PBX's texts in Slack and Telegram")
  .option("--config <file>", "the config file", DEFAULT_CONFIG)
  .action(async ({ config }: { config: string }) => {
    if (config !== DEFAULT_CONFIG || existsSync(config)) return start(config);
    process.stdout.write(`There is no ${DEFAULT_CONFIG} here, so this is the sandbox: everything is simulated.\n`);
    return sandbox(8080);
  });

program
  .command("start")
  .description("run the bridge")
  .option("--config <file>", "the config file", DEFAULT_CONFIG)
  .action(({ config }: { config: string }) => start(config));

program
  .command("sandbox")
  .description("try the whole bridge in the browser, against a simulated PBX, Slack and Telegram")
  .option("--port <number>", "the page's port", (given) => portOf(given), 8080)
  .action(({ port }: { port: number }) => sandbox(port));

program
  .command("doctor")
  .description("check the config and everything it names; say what is missing and how to mend it")
  .option("--config <file>", "the config file", DEFAULT_CONFIG)
  .action(async ({ config }: { config: string }) => {
    const { doctor } = await import("./cli/doctor.js");
    await doctor(config);
  });

program
  .command("erase")
  .description("erase a contact everywhere we can reach: PBX, Slack, Telegram and the store")
  .argument("<number>", "the contact's number, or the name it texts under")
  .option("--yes", "do not ask")
  .option("--config <file>", "the config file", DEFAULT_CONFIG)
  .action(async (number: string, options: { config: string; yes?: boolean }) => {
    const { erase } = await import("./cli/erase.js");
    await erase(number, options);
  });

async function start(config: string): Promise<void> {
  const command = await import("./cli/start.js");
  await command.start(config);
}

async function sandbox(port: number): Promise<void> {
  const command = await import("./cli/sandbox.js");
  await command.sandbox(port);
}

function portOf(given: string): number {
  const port = Number(given);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  return program.error(`--port: ${given} is no port. Write a number from 0 to 65535.`, { exitCode: 2 });
}

if (process.argv[2] === "pbx") {
  const { addPbxCommand } = await import("./cli/pbx-setup.js");
  addPbxCommand(program);
} else {
  program.command("pbx").description("make any call of the PBX's API by hand");
}
const { queueCommand } = await import("./cli/queue.js");
program.addCommand(queueCommand());

await program.parseAsync();
