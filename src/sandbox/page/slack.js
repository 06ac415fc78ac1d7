/** Slack: the channel with its cards, and the open thread. */
import { drawList, editInPlace, followEnd, h, initials, showEnd, timeOf } from "./draw.js";

const threadsList = document.getElementById("slack-threads");
const repliesList = document.getElementById("slack-replies");
const as = document.getElementById("slack-as");
let shownThread;
followEnd(threadsList);
followEnd(repliesList);

/** `chosen`: the open thread's `ts`; `act` does something in the world; `nameOf` knows contacts by number. */
export function drawSlack(slack, chosen, { choose, act, nameOf }) {
  document.getElementById("slack-channel-name").textContent = slack.channel;
  if (as.options.length === 0) as.append(...slack.people.map(({ id, name }) => h("option", { value: id }, name)));
  const cards = slack.threads.map(({ contact, root, replies }) => ({
    contact,
    root,
    count: replies.length,
    last: replies.at(-1)?.at,
    chosen: root.ts === chosen,
  }));
  drawList(
    threadsList,
    cards,
    ({ root }) => root.ts,
    (item) => card(item, choose),
  );
  const thread = slack.threads.find(({ root }) => root.ts === chosen);
  const { contact, replies = [] } = thread ?? {};
  document.getElementById("slack-thread-name").textContent = contact === undefined ? "" : `with ${nameOf(contact)}`;
  document.getElementById("slack-text").disabled = thread === undefined;
  drawList(
    repliesList,
    replies,
    ({ ts }) => ts,
    (item) => message(item, act),
  );
  if (thread === undefined && replies.length === 0) repliesList.replaceChildren(empty());
  if (shownThread !== chosen) showEnd(repliesList);
  if (shownThread !== chosen) threadsList.querySelector(".chosen")?.scrollIntoView({ block: "nearest" });
  shownThread = chosen;
}

export function slackUser() {
  return as.value;
}

function empty() {
  return h("li", { class: "empty" }, "No thread yet: text something from this customer’s phone.");
}

function card({ root, count, last, chosen }, choose) {
  return h(
    "li",
    { class: `slack-card${chosen ? " chosen" : ""}` },
    avatar(root),
    h(
      "div",
      { class: "slack-body" },
      head(root),
      words(root),
      h(
        "button",
        {
          type: "button",
          class: "thread-link",
          "data-focus": "open",
          "aria-current": chosen ? "true" : undefined,
          onclick: () => choose(root.ts),
        },
        count === 0 ? "Open the thread" : `${count} ${count === 1 ? "reply" : "replies"}`,
        last !== undefined && h("span", { class: "last" }, ` Last ${timeOf(last)}`),
      ),
    ),
  );
}

function message(item, act) {
  const body = h("div", { class: "slack-body" });
  const own = item.author.kind === "person" && !item.gone;
  body.append(head(item), words(item), reactionsOf(item), buttonsOf(item, act));
  return h("li", { class: `slack-message by-${item.author.kind}` }, avatar(item), body, own && tools(item, body, act));
}

function tools({ ts, text }, body, act) {
  const place = () => body.querySelector(".slack-words");
  const save = (changed) => act({ do: "slack-edit", ts, text: changed });
  return h(
    "span",
    { class: "tools" },
    h(
      "button",
      {
        type: "button",
        "aria-label": "Edit this message",
        title: "Edit",
        onclick: () => editInPlace(place(), text, "Edit the message", save),
      },
      "✎",
    ),
    h(
      "button",
      {
        type: "button",
        "aria-label": "Delete this message",
        title: "Delete",
        onclick: () => void act({ do: "slack-delete", ts }),
      },
      "🗑",
    ),
  );
}

function head({ author, at, edited }) {
  return h(
    "div",
    { class: "slack-head" },
    h("strong", {}, author.name),
    author.kind === "bot" && h("span", { class: "app" }, "APP"),
    h("time", {}, timeOf(at)),
    edited && h("span", { class: "edited" }, "(edited)"),
  );
}

function avatar({ author }) {
  if (author.kind === "person")
    return h(
      "span",
      { class: `avatar slack-person p-${author.name.charCodeAt(0) % 4}`, "aria-hidden": "true" },
      initials(author.name),
    );
  if (author.icon === "")
    return h(
      "span",
      { class: "avatar slack-bot", "aria-hidden": "true" },
      h("img", { src: "icon.svg", alt: "", width: 34, height: 34 }),
    );
  return h("span", { class: "avatar slack-icon", "aria-hidden": "true" }, author.icon);
}

function words({ paragraphs, gone }) {
  if (gone) return h("div", { class: "slack-words gone" }, "This message was deleted.");
  return h(
    "div",
    { class: "slack-words" },
    ...paragraphs.map(({ kind, segments }) => h("p", { class: kind }, ...segments.map(segment))),
  );
}

function segment({ text, style }) {
  if (style === "bold") return h("strong", {}, text);
  if (style === "italic") return h("em", {}, text);
  return style === undefined ? text : h("span", { class: style }, text);
}

function reactionsOf({ reactions }) {
  return h(
    "div",
    { class: "reactions" },
    ...reactions.map(({ emoji, count }) => h("span", { class: "reaction" }, emoji, h("b", {}, ` ${count}`))),
  );
}

function buttonsOf({ ts, buttons }, act) {
  const press = (id) => () => void act({ do: "slack-press", ts, action: id, user: slackUser() });
  return h(
    "div",
    { class: "buttons" },
    ...buttons.map(({ id, label, style }) =>
      h("button", { type: "button", class: style, "data-focus": id, onclick: press(id) }, label),
    ),
  );
}
