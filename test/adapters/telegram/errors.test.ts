import { describe, expect, test } from "vitest";
import { readFailure, type Reason, scrub, toBridge } from "../../../adapters/telegram/errors.js";
import { GiveUp, RetryLater, ThreadGone } from "../../../src/errors.js";

const TOKEN = "710:AASecretHalf";

function failure(code: number, description: string, parameters?: object, method = "sendMessage") {
  return readFailure({ response: { error_code: code, description, parameters } }, method, TOKEN);
}

test.each<[number, string, Reason]>([
  [400, "Bad Request: message is not modified: specified new message content", "unchanged"],
  [400, "Bad Request: TOPIC_NOT_MODIFIED", "unchanged"],
  [400, "Bad Request: message thread not found", "thread-gone"],
  [400, "Bad Request: TOPIC_DELETED", "thread-gone"],
  [400, "Bad Request: TOPIC_ID_INVALID", "thread-gone"],
  [400, "Bad Request: TOPIC_CLOSED", "topic-closed"],
  [400, "Bad Request: the chat is not a forum", "no-forum"],
  [400, "Bad Request: message to edit not found", "message-gone"],
  [400, "Bad Request: message can't be edited", "message-gone"],
  [400, "Bad Request: message to delete not found", "message-gone"],
  [400, "Bad Request: message can't be deleted for everyone", "message-stays"],
  [400, "Bad Request: message to react not found", "reaction-refused"],
  [400, "Bad Request: REACTION_INVALID", "reaction-refused"],
  [400, "Bad Request: chat not found", "no-access"],
  [403, "Forbidden: bot was kicked from the supergroup chat", "no-access"],
  [403, "Forbidden: bot is not a member of the supergroup chat", "no-access"],
  [403, "Forbidden: bot can't initiate conversation with a user", "no-access"],
  [403, "Forbidden: something new", "no-access"],
  [403, "Forbidden: bot was blocked by the user", "blocked"],
  [403, "Forbidden: user is deactivated", "person-gone"],
  [400, "Bad Request: not enough rights to create a topic", "no-rights"],
  [400, "Bad Request: not enough rights to send text messages to the chat", "no-rights"],
  [400, "Bad Request: CHAT_WRITE_FORBIDDEN", "no-rights"],
  [400, "Bad Request: message is too long", "hopeless"],
  [400, "Bad Request: can't parse entities: something", "hopeless"],
  [400, "Bad Request: text must be non-empty", "hopeless"],
  [401, "Unauthorized", "token"],
  [404, "Not Found", "token"],
  [409, "Conflict: terminated by other getUpdates request", "conflict"],
  [429, "Too Many Requests: retry after 7", "flood"],
  [502, "Bad Gateway", "unanswered"],
  [400, "Bad Request: something that Telegram says since yesterday", "unknown"],
])("%i %s means %s", (code, description, reason) => {
  expect(failure(code, description).reason).toBe(reason);
});

describe("what the bridge does next", () => {
  test("a rate limit stops the whole target for as long as Telegram says", () => {
    const next = toBridge(failure(429, "Too Many Requests", { retry_after: 7 }), "-1");
    expect(next).toMatchObject({ name: "RetryLater", scope: "target", afterMs: 7000, patient: true, uncertain: false });
  });

  test.each([
    [401, "Unauthorized", "telegram.botToken"],
    [403, "Forbidden: bot was kicked from the group chat", "Add it to the group"],
    [403, "Forbidden: bot was blocked by the user", "unblocking it"],
    [400, "Bad Request: not enough rights to create a topic", "administrator"],
  ])("what an admin has to mend loses no text, and says how to mend it: %i %s", (code, description, remedy) => {
    const next = toBridge(failure(code, description), "-1");
    expect(next).toMatchObject({ name: "RetryLater", scope: "target", afterMs: 60_000, patient: false });
    expect(next.message).toContain(remedy);
  });

  test("what can never work is given up with words for people", () => {
    expect(toBridge(failure(400, "Bad Request: message is too long"), "-1")).toBeInstanceOf(GiveUp);
    const deleted = toBridge(failure(403, "Forbidden: user is deactivated"), "77");
    expect(deleted).toBeInstanceOf(GiveUp);
    expect(deleted.message).toContain("deleted the account");
  });

  test("a thread that is gone is opened anew", () => {
    expect(toBridge(failure(400, "Bad Request: message thread not found"), "-1")).toBeInstanceOf(ThreadGone);
  });

  test("words that nobody knows are no reason to lose a text", () => {
    expect(toBridge(failure(400, "Bad Request: unheard of"), "-1")).toBeInstanceOf(RetryLater);
  });

  test("a lost answer is uncertain only where a repetition would show twice", () => {
    const lost = (method: string) => toBridge(failure(500, "Internal", undefined, method), "-1");
    expect([lost("sendMessage"), lost("createForumTopic")]).toMatchObject([{ uncertain: true }, { uncertain: true }]);
    expect([lost("editMessageText"), lost("setMessageReaction")]).toMatchObject([
      { uncertain: false },
      { uncertain: false },
    ]);
  });
});

test.each(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "DEPTH_ZERO_SELF_SIGNED_CERT"])(
  "%s never left, so it is certain",
  (code) => {
    const error = Object.assign(new Error("request failed"), { code });
    expect(readFailure(error, "sendMessage", TOKEN).reason).toBe("unreachable");
  },
);

test("an alert about a certificate may come when the request has arrived", () => {
  const alert = Object.assign(new Error("request failed, reason: ssl/tls alert bad certificate"), { code: "EPROTO" });
  expect(readFailure(alert, "sendMessage", TOKEN).reason).toBe("unanswered");
});

test("the token's secret stands in no failure, however it was written", () => {
  const error = new Error(`invalid json response body at https://api.telegram.org/bot${TOKEN}/sendMessage reason: <`);
  const read = readFailure(error, "sendMessage", TOKEN);
  expect(JSON.stringify([read, read.message, read.stack])).not.toContain("AASecretHalf");
  expect(scrub("https://x/bot99:AnotherSecret/getMe", TOKEN)).toBe("https://x/bot[secret]/getMe");
});

test("a real secret is hidden wherever it stands, a short one of a test only with its token: words stay words", () => {
  const half = "AAEmulatedHalf-of_a_token_in_35_char";
  expect(scrub(`${half} and 7:${half}`, `7:${half}`)).toBe("[secret] and [secret]");
  expect(scrub("Bad Request: the text is too long, 7:te", "7:te")).toBe("Bad Request: the text is too long, [secret]");
  expect(scrub("test", "")).toBe("test");
});

test("the words of people stand in no failure: telegraf's error holds the payload, ours does not", () => {
  const error = {
    response: { error_code: 400, description: "Bad Request" },
    on: { payload: { text: "private words" } },
  };
  const read = readFailure(error, "sendMessage", TOKEN);
  expect(JSON.stringify([read, read.cause, read.stack])).not.toContain("private words");
});
