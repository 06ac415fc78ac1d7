/** What doctor warns of in a config that is right. */
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config.js";
import { doubtsAbout } from "../../src/config/doubts.js";
import { smallest } from "./given.js";

const doubts = (yaml: string) => doubtsAbout(loadConfig(yaml, {}));
const at = (url: string) => doubts(`${smallest}server: { publicUrl: "${url}" }`);

test("a config of the usual kind leaves no doubt", () => {
  expect(doubts(smallest)).toEqual([]);
  expect(at("https://sms.example.com")).toEqual([]);
});

test("an address without https is told of, since the event URL holds a secret", () => {
  const what = expect.stringMatching(/^is plain http: .*secret.*https address/) as unknown;
  expect(at("http://sms.example.com")).toEqual([{ key: "server.publicUrl", what }]);
  expect(at("http://10.0.0.7:8080")).toHaveLength(1);
  expect(at("HTTP://sms.example.com")).toHaveLength(1);
});

test.each(["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"])("but not %s", (url) => {
  expect(at(url)).toEqual([]);
});

test("lines of the same name are told of", () => {
  const twice = `${smallest}  - { name: Support, extension: 5, to: [{ telegram: -6 }] }
  - { name: Sales, extension: 6, to: [{ telegram: -6 }] }
`;
  expect(doubts(twice)).toEqual([
    {
      key: "lines[2].name",
      what: 'is "Sales", as lines[0].name is: people cannot tell the two apart. Give each line a name of its own',
    },
  ]);
});
