import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { classify } from "../../../adapters/slack/errors.js";
import { GiveUp, ThreadGone } from "../../../src/errors.js";

const post = { method: "chat.postMessage", repeats: "doubles" } as const;
const update = { method: "chat.update", repeats: "same" } as const;
const refusal = (error: string) => new WebAPIPlatformError({ ok: false, error });
const failure = (message: string, more: object) => new WebAPIRequestError(Object.assign(new Error(message), more));
const later = { name: "RetryLater" };

describe("what a failure of Slack means", () => {
  it("a rate limit holds the whole target for as long as Slack says", () => {
    expect(classify(new WebAPIRateLimitedError(7), post)).toMatchObject({
      ...later,
      scope: "target",
      afterMs: 7000,
      patient: true,
      uncertain: false,
    });
    expect(classify(refusal("ratelimited"), post)).toMatchObject({ ...later, scope: "target", uncertain: false });
  });

  it("after a time-out, a lost connection or a failure of Slack's own a post may be there", () => {
    const unsure = [
      failure("The operation was aborted.", { name: "AbortError" }),
      failure("reset", { code: "ECONNRESET" }),
      failure("hang up", {}),
      new WebAPIHTTPError(502, "Bad Gateway", {}, ""),
      refusal("internal_error"),
      refusal("fatal_error"),
      refusal("<html>A proxy's page</html>"),
    ];
    for (const error of unsure)
      expect(classify(error, post)).toMatchObject({ ...later, scope: "delivery", uncertain: true });
    for (const error of unsure) expect(classify(error, update)).toMatchObject({ ...later, uncertain: false });
  });

  it("what never left is certain", () => {
    for (const code of ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT"])
      expect(classify(failure("no", { code }), post)).toMatchObject({ ...later, uncertain: false });
  });

  it("a dead token or a missing right waits for an admin and says how to mend it", () => {
    for (const name of ["invalid_auth", "token_revoked", "account_inactive", "missing_scope"])
      expect(classify(refusal(name), post)).toMatchObject({
        ...later,
        scope: "target",
        message: expect.stringMatching(/install/i),
      });
  });

  it("a channel that takes no posts keeps its texts until an admin has mended it, and says how", () => {
    for (const name of [
      "not_in_channel",
      "is_archived",
      "channel_not_found",
      "restricted_action",
      "restricted_action_read_only_channel",
      "restricted_action_non_threadable_channel",
    ])
      expect(classify(refusal(name), { ...post, channel: "C1" })).toMatchObject({
        ...later,
        scope: "target",
        afterMs: 60_000,
        patient: false,
        uncertain: false,
        message: expect.stringMatching(/invite|unarchive|allow/i),
      });
  });

  it("a channel that takes replies only keeps what needs a new thread, and holds up nothing else", () => {
    expect(classify(refusal("restricted_action_thread_only_channel"), { ...post, channel: "C1" })).toMatchObject({
      ...later,
      scope: "delivery",
      afterMs: 60_000,
      mend: true,
    });
  });

  it("a mark in such a channel holds up no other channel's, and is not tried for ever", () => {
    expect(classify(refusal("not_in_channel"), { method: "reactions.add", repeats: "same" })).toMatchObject({
      ...later,
      scope: "delivery",
      afterMs: undefined,
    });
  });

  it("a thread that is locked or gone is opened anew", () => {
    for (const name of ["thread_not_found", "cannot_reply_to_message", "restricted_action_thread_locked"])
      expect(classify(refusal(name), post)).toBeInstanceOf(ThreadGone);
  });

  it("what no repetition helps is given up, in words that tell what to do", () => {
    for (const name of ["msg_too_long", "invalid_blocks", "metadata_too_large"])
      expect(classify(refusal(name), post)).toBeInstanceOf(GiveUp);
  });

  it("a reason that nobody knows yet may pass: a customer's text is not given up for it", () => {
    expect(classify(refusal("new_in_2030"), post)).toMatchObject({
      name: "RetryLater",
      message: expect.stringContaining("new_in_2030"),
    });
  });

  it("a page that is not Slack's is never shown", () => {
    expect(classify(refusal("<html>secret"), post)).toMatchObject({ message: expect.not.stringContaining("secret") });
    expect(classify(new WebAPIHTTPError(403, "Forbidden", {}, "secret"), post)).toMatchObject({
      ...later,
      scope: "target",
      message: expect.not.stringContaining("secret"),
    });
  });

  it("anything else is a bug and stays what it is", () => {
    const bug = new TypeError("x is not a function");
    expect(classify(bug, post)).toBe(bug);
  });
});
