/** What the handbook tells to try from outside, where no event arrives: each answer means what it says there. */
import { describe, expect } from "vitest";
import { read } from "../docs/reading.js";
import { BY_HTTP, EVENTS, test } from "./harness.js";
import { run } from "./program.js";

describe.concurrent("a GET of the event URL, as the handbook tells to try it", () => {
  test("is answered 400 with the right secret, 404 with a wrong one, as is Slack's address", async ({ open }) => {
    const office = await open({ bridge: BY_HTTP });
    const right = await office.get(EVENTS);
    expect([right.status, right.body]).toEqual([400, expect.stringContaining("The event has no field ") as unknown]);
    const notFound = { status: 404, body: expect.stringContaining("not found") as unknown };
    expect(await office.get("/pbx/events/SECRET")).toMatchObject(notFound);
    expect(await office.get("/slack/events")).toMatchObject(notFound);
    expect((await office.get("/metrics")).body).not.toMatch(/^bridge_pbx_events_total\{kind="text/m);
    for (const words of ["| 400 and “The event has no field …”", "| 404 and “not found”", "| 403 "])
      expect(read("docs/operating.md")).toContain(words);
  });

  test("is answered 403 from an address that allowFrom does not list, if the secret is right", async ({ open }) => {
    const office = await open({ closed: true });
    const program = run(office, ["start"], office.yaml.replace("events: {", "events: { allowFrom: [192.0.2.1],"));
    await program.ready();
    expect((await office.get(EVENTS)).status).toBe(403);
    expect((await office.get("/pbx/events/SECRET")).status).toBe(404);
    await program.end();
  });
});
