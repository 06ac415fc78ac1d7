/**
 * What the bridge's relay is measured against: a webhook in, one `chat.postMessage` out, nothing stored, nothing retried, no order
 * kept. `sdk`: Slack's own client as its documentation shows it. `http`: a form by hand over kept-alive connections, the least
 * that can be done on Node.
 */
import { Agent, request as httpRequest } from "node:http";
import { WebClient } from "@slack/web-api";
import { bodyOf, listen } from "./listen.js";
import { givenOptions } from "./child.js";

const { by, apiUrl, channel } = givenOptions() as { by: "sdk" | "http"; apiUrl: string; channel: string };
const token = "xoxb-bench";
const post = by === "sdk" ? bySdk() : byHttp();

listen((request, response) =>
  bodyOf(request, (body) => {
    response.end("ok");
    void post(new URLSearchParams(body).get("text") ?? "");
  }),
);

function bySdk(): (text: string) => Promise<unknown> {
  const web = new WebClient(token, { slackApiUrl: apiUrl });
  const { postMessage } = web.chat;
  return (text) => postMessage({ channel, text });
}

function byHttp(): (text: string) => Promise<unknown> {
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/x-www-form-urlencoded" };
  return (text) =>
    new Promise((resolve, reject) => {
      const form = new URLSearchParams({ channel, text }).toString();
      const options = { method: "POST", agent, headers: { ...headers, "content-length": Buffer.byteLength(form) } };
      const call = httpRequest(`${apiUrl}chat.postMessage`, options, (answer) =>
        bodyOfAnswer(answer, (json) => resolve(JSON.parse(json))),
      );
      call.once("error", reject).end(form);
    });
}

function bodyOfAnswer(answer: NodeJS.ReadableStream, then: (body: string) => void): void {
  let text = "";
  answer.setEncoding("utf8");
  answer.on("data", (part: string) => (text += part)).once("end", () => then(text));
}
