/** The smallest config, changed, and what is wrong with it then. */
import { expect } from "vitest";
import { loadConfig } from "../../src/config.js";
import { ConfigError } from "../../src/errors.js";

export const smallest = `
pbx:
  url: https://pbx.example.com
  clientId: id
  clientSecret: s3cret
  events: { secret: 0123456789abcdef, register: false }
telegram:
  botToken: 123:abc
lines:
  - name: Sales
    extension: 1234
    to:
      - telegram: -1001234567890
`;

export function problems(text: string, env = {}): readonly string[] {
  try {
    loadConfig(text, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** The smallest config with one piece replaced. */
export function changed(from: string, to: string): string {
  expect(smallest).toContain(from);
  return smallest.replace(from, () => to);
}
