/** `doctor`, as an admin runs it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test, type Office } from "./harness.js";
import { run } from "./program.js";

const closed = (open: (options: object) => Promise<Office>): Promise<Office> => open({ closed: true });

describe.concurrent("doctor", () => {
  test("finds nothing where all is well, beside the running bridge", async ({ open }) => {
    const office = await open();
    const { code, out } = await run(office, ["doctor"]).ended;
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/All is well\.\n$/) as unknown });
    for (const what of [
      "Config",
      "Store",
      "Queue",
      "PBX token",
      "PBX events",
      "Slack bot token",
      "Slack channel",
      "Telegram",
    ])
      expect(out).toMatch(new RegExp(`^✓ ${what}`, "m"));
    expect(out).not.toContain("✗");
  });

  test("finds nothing to mend before the first start, says what that will make, and makes none of it", async ({
    open,
  }) => {
    const office = await closed(open);
    const { code, out } = await run(office, ["doctor"]).ended;
    expect(out).toMatch(/^✓ Store: .* is not there yet: the first start makes it$/m);
    expect(out).toMatch(/^✓ PBX events of extension 1234: the first start subscribes to them$/m);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/All is well\.\n$/) as unknown });
    expect(readdirSync(office.folder)).toEqual(["config.yaml"]);
  });

  test("says which file a relative storage is, and that it depends on the folder", async ({ open }) => {
    const office = await closed(open);
    const relative = office.yaml.replace(/^storage: .*$/m, "storage: sqlite:data/bridge.db");
    const { out } = await run(office, ["doctor"], relative).ended;
    const file = join(office.folder, "data/bridge.db");
    expect(out).toContain(
      `✓ Store: ${file} is not there yet: the first start makes it, if it runs in this folder, too\n`,
    );
    expect(readdirSync(office.folder)).toEqual(["config.yaml"]);
  });

  test("warns of what works and should not be so, and still ends with 0", async ({ open }) => {
    const office = await closed(open);
    const plain = office.yaml.replace(/publicUrl: "[^"]+"/, 'publicUrl: "http://sms.acme.test"');
    const { code, out } = await run(office, ["doctor"], plain).ended;
    expect(out).toMatch(/^! Config server\.publicUrl: is plain http: .* https address/m);
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/\nNothing fails\. Look at .*\n$/) as unknown,
    });
  });

  test("does not say of a platform out of reach that it is tried again", async ({ open }) => {
    const office = await closed(open);
    const { code, out } = await run(office, ["doctor"], office.yaml.replace(office.slack.apiUrl, "http://127.0.0.1:9/"))
      .ended;
    expect(out).toMatch(
      /^✗ Slack bot token: Slack could not be reached for auth\.test \(\w+\)\. .*, then run doctor again\.$/m,
    );
    expect({ code, again: out.includes("tried again") }).toEqual({ code: 1, again: false });
  });

  test("says what is missing and how to mend it, and ends with 1", async ({ open }) => {
    const office = await closed(open);
    office.slack.kickBot(office.channel);
    office.telegram.demotesBot(office.group);
    office.pbx.revokeClient(true);
    const { code, out } = await run(office, ["doctor"]).ended;
    expect(code).toBe(1);
    expect(out).toMatch(/^✗ PBX token: .*pbx\.clientId/m);
    expect(out).toMatch(/^✗ Slack channel .*\/invite/m);
    expect(out).toMatch(/^✗ Telegram .*administrator/m);
    expect(out).toMatch(/\n\d thing\(s\) to mend\.\n$/);
  });
});
