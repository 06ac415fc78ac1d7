/**
 * Makes docs/sandbox.png, the README's picture: starts the sandbox, plays a morning in it, and takes a picture of the page.
 *
 *     npx tsx test/e2e/screenshot.ts [FILE [WIDTHxHEIGHT [SCALE]]]
 */
import type { Page } from "playwright-core";
import { startSandbox } from "../../src/sandbox/index.js";
import { chromiumPath, openChromium } from "./chromium.js";

const [file = "docs/sandbox.png", size = "1600x1000", scale = "1.5"] = process.argv.slice(2);
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function take(): Promise<void> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error("There is no Chromium here. Install one, or set CHROMIUM_PATH.");
  const sandbox = await startSandbox({ port: 0, logger: silent });
  const browser = await openChromium(executablePath);
  try {
    const [width = 1600, height = 1000] = size.split("x").map(Number);
    const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: Number(scale) });
    await page.goto(sandbox.url);
    await play(page);
    await page.screenshot({ path: file });
  } finally {
    await browser.close();
    await sandbox.close();
  }
}

async function play(page: Page): Promise<void> {
  const contact = (name: string): Promise<void> => page.getByRole("tab", { name }).click();
  const say = async (label: string, text: string): Promise<void> => {
    await page.getByLabel(label, { exact: true }).fill(text);
    await page.keyboard.press("Enter");
  };
  const seen = (column: string, text: string): Promise<void> =>
    page.locator(column).getByText(text).first().waitFor({ timeout: 30_000 });
  const customer = (text: string): Promise<void> => say("Text as the customer", text);
  const slack = (text: string): Promise<void> => say("Reply in the thread", text);
  const telegram = (text: string): Promise<void> => say("Write in the topic", text);

  await contact("Mei Tanaka");
  await customer("Are you open on Sunday? 🚲");
  await seen("#telegram-messages", "open on Sunday");
  await telegram("Yes, from 10 to 4. See you!");
  await seen("#phone-messages", "from 10 to 4");

  await contact("James Okafor");
  await seen("#telegram-messages", "Write here to answer");
  await slack("We do, two left. Shall I put one aside?");
  await seen("#phone-messages", "put one aside");

  await contact("Maria Lopez");
  await seen("#telegram-messages", "Write here to answer");
  await seen("#telegram-messages", "Is my bike ready");
  await slack("// Chain came this morning, Tom is on it");
  await seen("#telegram-messages", "Tom is on it");
  await telegram("Hi Maria! Almost: it will be ready at 3 pm today.");
  await seen("#phone-messages", "ready at 3 pm");
  await customer("Great, thank you! How much will it be?");
  await seen("#telegram-messages", "How much will it be");
  await page.getByRole("button", { name: "Lose the next answer" }).click();
  await slack("$85 with the new chain.");
  await seen("#slack-replies", "Not delivered");
  await seen("#telegram-messages", "Not delivered");
  await page.mouse.move(0, 0);
  await page.evaluate("document.activeElement?.blur()");
  await page.waitForTimeout(1500);
}

await take();
