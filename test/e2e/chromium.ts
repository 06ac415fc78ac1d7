/** The browser on this computer, if there is one. */
import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const USUAL = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of a Chromium: `CHROMIUM_PATH`, or where distributions put it. */
export function chromiumPath(): string | undefined {
  return [process.env.CHROMIUM_PATH, ...USUAL].find((path) => path !== undefined && path !== "" && existsSync(path));
}

/** It opens nothing but what it is told to. */
export function openChromium(executablePath: string): Promise<Browser> {
  const quiet =
    "--disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", ...quiet.split(" ")] });
}
