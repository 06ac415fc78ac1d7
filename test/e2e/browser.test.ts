/** The sandbox's page in a real browser: what a newcomer does in the first minutes. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/index.js";
import { chromiumPath, openChromium } from "./chromium.js";

const executablePath = chromiumPath();
// On a CI machine a missing browser is a failure.
const missing = executablePath === undefined && process.env.CI !== "true";
const name = missing ? "the page in a browser (skipped: no Chromium here; set CHROMIUM_PATH)" : "the page in a browser";

const quiet = (): void => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const PATIENCE = { timeout: 15_000 };

describe.skipIf(missing)(name, () => {
  let sandbox: Sandbox;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    [sandbox, browser] = await Promise.all([startSandbox({ port: 0, logger }), openChromium(executablePath ?? "")]);
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
    page.on("dialog", (dialog) => void complaints.push(`a dialog: ${dialog.message()}`));
    page.on("request", (request) => void (request.url().startsWith(sandbox.url) || complaints.push(request.url())));
    await page.goto(sandbox.url);
  });

  afterAll(async () => {
    await browser?.close();
    await sandbox?.close();
  });

  const write = async (label: string, text: string): Promise<void> => {
    await page.getByLabel(label, { exact: true }).fill(text);
    await page.keyboard.press("Enter");
  };
  const phone = (text: string) => page.locator("#phone-messages > li", { hasText: text });
  const slack = (text: string) => page.locator("#slack-replies > li", { hasText: text });
  const telegram = (text: string) => page.locator("#telegram-messages > li", { hasText: text });
  const press = (button: string): Promise<void> => page.getByRole("button", { name: button }).click();

  test("what a customer texts stands in Slack and in Telegram", async () => {
    await page.getByRole("tab", { name: "Mei Tanaka" }).click();
    await write("Text as the customer", "Do you sell tandems?");
    await slack("Do you sell tandems?").waitFor(PATIENCE);
    await telegram("Do you sell tandems?").waitFor(PATIENCE);
    await phone("Slack")
      .getByText(/Slack \d.*Telegram \d/)
      .waitFor(PATIENCE);
  });

  test("an answer in Slack reaches the phone and is marked", async () => {
    await write("Reply in the thread", "We do, from $900.");
    await phone("We do, from $900.").getByText("✓✓").waitFor(PATIENCE);
    await slack("We do, from $900.").getByText("✅").waitFor(PATIENCE);
    await telegram("Anna (Slack)").waitFor(PATIENCE);
  });

  test("an answer in Telegram reaches the phone and is marked", async () => {
    await page.getByLabel("Write in Telegram as").selectOption("Farid");
    await write("Write in the topic", "Come by and try one.");
    await phone("Come by and try one.").getByText("✓✓").waitFor(PATIENCE);
    await telegram("Come by and try one.").getByText("👌").waitFor(PATIENCE);
    await slack("Farid (Telegram)").waitFor(PATIENCE);
  });

  test("markup in a text is shown as it was typed, everywhere", async () => {
    const nasty = `<img src=x onerror="alert(1)"> <b>&amp;</b> *hi* <!channel>`;
    await write("Text as the customer", nasty);
    for (const place of [phone(nasty), slack(nasty), telegram(nasty)]) await place.waitFor(PATIENCE);
    expect(await page.locator("main img[src=x], main ol b:text('&')").count()).toBe(0);
  });

  test("what was typed while the PBX was down is sent once it is back, and once only", async () => {
    await press("Take the PBX down");
    await page.locator(`[data-what="pbx-down"][aria-pressed="true"]`).waitFor(PATIENCE);
    await write("Reply in the thread", "We open at nine.");
    await slack("We open at nine.").waitFor(PATIENCE);
    await page.locator("#waiting:not(:text-is('0'))").waitFor(PATIENCE);
    await press("Bring the PBX back");
    await phone("We open at nine.").getByText("✓✓").waitFor(PATIENCE);
    await slack("We open at nine.").getByText("✅").waitFor(PATIENCE);
    expect(await phone("We open at nine.").count()).toBe(1);
  });

  test("a text that fails can be sent again by its button", async () => {
    await press("Lose the next answer");
    await write("Reply in the thread", "Ring the bell.");
    await phone("Ring the bell.").getByText("not delivered").waitFor(PATIENCE);
    await slack("Not delivered").getByRole("button", { name: "Retry" }).click(PATIENCE);
    await phone("Ring the bell.").getByText("✓✓").waitFor(PATIENCE);
    await slack("sent it again").waitFor(PATIENCE);
  });

  test("a typed message can be edited, and the thread says that it was too late", async () => {
    await slack("We do, from $900.").hover();
    await slack("We do, from $900.").getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Edit the message").fill("We do, from $950.");
    await page.keyboard.press("Enter");
    await slack("We do, from $950.").getByText("(edited)").waitFor(PATIENCE);
    await slack("already been sent").waitFor(PATIENCE);
  });

  test("whoever scrolled up and writes sees their own words at the end", async () => {
    const atEnd = (list: string) => async () => {
      const look = "scrollHeight - list.scrollTop - list.clientHeight < 40";
      return page.evaluate(`(() => { const list = document.querySelector("${list}"); return list.${look}; })()`);
    };
    const places = [
      ["Write in the topic", "#telegram-messages"],
      ["Reply in the thread", "#slack-replies"],
      ["Text as the customer", "#phone-messages"],
    ] as const;
    for (const [label, list] of places) {
      await page.locator(list).hover();
      await page.mouse.wheel(0, -5000);
      await expect.poll(atEnd(list)).toBe(false);
      await write(label, `Seen by who wrote it, ${label}`);
      await page.locator(list).getByText(`Seen by who wrote it, ${label}`).waitFor(PATIENCE);
      await expect.poll(atEnd(list)).toBe(true);
    }
  });

  test("why a part is down can be read in full", async () => {
    await press("Take the PBX down");
    const reason = page.locator("#parts .not-ok", { hasText: "PBX" });
    await reason.waitFor(PATIENCE);
    const cut = `(() => {
      const item = document.querySelector("#parts .not-ok");
      const end = document.querySelector(".bridge").getBoundingClientRect().bottom;
      return item.scrollWidth > item.clientWidth || item.getBoundingClientRect().bottom > end;
    })()`;
    expect(await page.evaluate(cut)).toBe(false);
    await press("Bring the PBX back");
    await reason.waitFor({ ...PATIENCE, state: "detached" });
  });

  test("each button tells what it does and what one will see", async () => {
    for (const button of await page.locator("#breaking button").all()) {
      await button.hover();
      const told = `getComputedStyle(document.querySelector("#breaking button:hover"), "::after").content`;
      expect(await page.evaluate(told)).toMatch(/^"[A-Z].{60,}\."$/);
    }
  });

  test("another customer's phone brings their thread and topic, and unread texts have a badge", async () => {
    await page.getByRole("tab", { name: "Maria Lopez" }).click();
    await slack("Is my bike ready?").waitFor(PATIENCE);
    await telegram("Is my bike ready?").waitFor(PATIENCE);
    await page.locator(".slack-card", { hasText: "415 555 0168" }).getByRole("button").click();
    await phone("Do you sell tandems?").waitFor(PATIENCE);
    await page.keyboard.press("Tab");
    await page.getByRole("tab", { name: "Mei Tanaka" }).focus();
    await page.keyboard.press("ArrowLeft");
    await phone("blue helmet").waitFor(PATIENCE);
  });

  test("a reply that is typed while the bridge is away leaves once it is back, and everything goes on", async () => {
    await press("Stop the bridge");
    await page.locator("#parts", { hasText: "Text and answer all the same" }).waitFor(PATIENCE);
    await write("Reply in the thread", "Only in blue.");
    await slack("Only in blue.").waitFor(PATIENCE);
    expect(await phone("Only in blue.").count()).toBe(0);
    await press("Start the bridge");
    await page.locator("#feed", { hasText: "The bridge is back after" }).waitFor(PATIENCE);
    await phone("Only in blue.").getByText("✓✓").waitFor(PATIENCE);
    await slack("Only in blue.").getByText("✅").waitFor(PATIENCE);
    await write("Text as the customer", "And in black?");
    await slack("And in black?").waitFor(PATIENCE);
  });

  test("a field that was written in is as high as its words, without a scrollbar", async () => {
    const fits = `[...document.querySelectorAll("#phone-text, #slack-text, #telegram-text")]
      .every((field) => field.scrollHeight <= field.clientHeight)`;
    expect(await page.evaluate(fits)).toBe(true);
    await page.getByLabel("Text as the customer").fill("a\nb\nc");
    expect(await page.evaluate(fits)).toBe(true);
    await page.getByLabel("Text as the customer").fill("");
  });

  test("a button that was pressed by key shows its hint no longer, until it is come to again", async () => {
    const button = page.getByRole("button", { name: "Limit Telegram" });
    const hint = `getComputedStyle(document.querySelector('[data-what="telegram-limit"]'), "::after").content`;
    await page.mouse.move(0, 0);
    await button.focus();
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(hint)).not.toBe("none");
    await page.keyboard.press("Enter");
    await page.locator(`[data-what="telegram-limit"][aria-pressed="true"]`).waitFor(PATIENCE);
    await expect.poll(() => page.evaluate(hint)).toBe("none");
    expect(await page.evaluate(`document.activeElement.dataset.what`)).toBe("telegram-limit");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(hint)).not.toBe("none");
  });

  test("what comes below while one looks further up is told, and is one press away; questions are counted as such", async () => {
    const below = page.locator("#slack-replies + button");
    expect(await below.isVisible()).toBe(false);
    await write("Reply in the thread", "/ring the bell");
    await slack("looks like a command").waitFor(PATIENCE);
    await page.locator("#questions:text-is('1')").waitFor(PATIENCE);
    await page.locator("#questions-word:text-is('question waits')").waitFor(PATIENCE);
    await page.locator("#aside:text-is('0')").waitFor(PATIENCE);
    await page.locator("#slack-replies").hover();
    await page.mouse.wheel(0, -9000);
    await write("Text as the customer", "Are you still there?");
    await slack("Are you still there?").waitFor(PATIENCE);
    await below.waitFor(PATIENCE);
    await below.click();
    await below.waitFor({ ...PATIENCE, state: "hidden" });
  });

  test("what was read stays so after a reload", async () => {
    const names = ["Maria Lopez", "James Okafor", "Mei Tanaka"];
    for (const each of names) await page.getByRole("tab", { name: each }).click();
    const badges = page.locator(".badge");
    await expect.poll(() => badges.count()).toBe(0);
    await page.reload();
    await phone("Do you sell tandems?").or(phone("Is my bike ready")).first().waitFor(PATIENCE);
    expect(await badges.count()).toBe(0);
  });

  test.each([1100, 900, 600])("a window %i px wide scrolls down at most, not sideways", async (width) => {
    await page.setViewportSize({ width, height: 800 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test("the browser had nothing to complain of, and asked nobody else", () => {
    expect(complaints).toEqual([]);
  });
});
