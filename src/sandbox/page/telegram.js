/** Telegram: the group's topics, and the open one. */
import { drawList, editInPlace, followEnd, h, initials, showEnd, timeOf } from "./draw.js";

const topicsList = document.getElementById("telegram-topics");
const messagesList = document.getElementById("telegram-messages");
const as = document.getElementById("telegram-as");
let shownTopic;
followEnd(messagesList);

/** `chosen`: the open topic's id; `act` does something in the world; `nameOf` knows contacts by number. */
export function drawTelegram(telegram, chosen, { choose, act }) {
  document.getElementById("telegram-group").textContent = telegram.group;
  if (as.options.length === 0) as.append(...telegram.people.map(({ id, name }) => h("option", { value: id }, name)));
  const topics = telegram.topics.map(({ id, name, colour, messages }) => {
    const last = messages.findLast(({ service }) => service === undefined);
    return { id, name, colour, last: last?.text ?? "", chosen: id === chosen };
  });
  drawList(
    topicsList,
    topics,
    ({ id }) => id,
    (item) => topic(item, choose),
  );
  colourTopics(telegram.topics);
  const open = telegram.topics.find(({ id }) => id === chosen);
  const messages = (open?.messages ?? []).map((item, index, all) => ({ ...item, same: follows(item, all[index - 1]) }));
  document.getElementById("telegram-topic-name").textContent = open?.name ?? "No topic yet";
  document.getElementById("telegram-text").disabled = open === undefined;
  drawPinned(messages.findLast(({ pinned }) => pinned));
  drawList(
    messagesList,
    messages,
    ({ id }) => id,
    (item) => message(item, act),
  );
  if (open === undefined)
    messagesList.replaceChildren(
      h("li", { class: "service" }, "No topic yet: text something from this customer’s phone."),
    );
  if (shownTopic !== chosen) showEnd(messagesList);
  shownTopic = chosen;
}

/** The same person went on, so that the name is not said again. */
function follows({ author, service }, previous) {
  return previous !== undefined && previous.author.id === author.id && (previous.service ?? service) === undefined;
}

export function telegramUser() {
  return Number(as.value);
}

function topic({ id, name, last, chosen }, choose) {
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: `topic${chosen ? " chosen" : ""}`,
        "aria-current": chosen ? "true" : undefined,
        "data-focus": "open",
        onclick: () => choose(id),
      },
      h(
        "span",
        { class: "topic-icon", "aria-hidden": "true" },
        id === 1 ? "#" : (name.split(" · ")[1] ?? name).slice(0, 1),
      ),
      h("span", { class: "topic-name" }, name),
      h("span", { class: "topic-last" }, last),
    ),
  );
}

/** Set through the object model: the page's policy allows no inline styles. */
function colourTopics(topics) {
  for (const { id, colour } of topics) {
    const icon = topicsList.querySelector(`[data-key="${id}"] .topic-icon`);
    if (icon !== null) icon.style.backgroundColor = `#${colour.toString(16).padStart(6, "0")}`;
  }
}

function drawPinned(pinned) {
  const bar = document.getElementById("telegram-pinned");
  bar.hidden = pinned === undefined;
  if (pinned !== undefined)
    bar.replaceChildren(h("strong", {}, "Pinned message"), h("span", {}, pinned.text.replaceAll("\n", " · ")));
}

function message(item, act) {
  if (item.service !== undefined) return h("li", { class: "service" }, serviceWords(item));
  const { author } = item;
  const side = author.isBot ? "theirs" : "ours";
  const body = h("div", { class: "telegram-words" }, ...item.segments.map(segment));
  const bubble = h(
    "div",
    { class: "telegram-bubble" },
    h("strong", { class: `by${author.isBot ? "" : ` p-${author.id % 4}`}` }, author.name),
    item.replyTo !== undefined && h("span", { class: "answered" }, item.replyTo),
    body,
    h(
      "span",
      { class: "telegram-foot" },
      item.edited && "edited ",
      h("time", {}, timeOf(item.at)),
      !author.isBot && " ✓✓",
    ),
    h("div", { class: "reactions" }, ...item.reactions.map((emoji) => h("span", { class: "reaction" }, emoji))),
  );
  if (!author.isBot) bubble.append(tools(item, body, act));
  return h(
    "li",
    { class: `telegram-message ${side}${item.same ? " same" : ""}` },
    portrait(author),
    h("div", { class: "telegram-column" }, bubble, buttonsOf(item, act)),
  );
}

function portrait({ name, isBot, id }) {
  if (isBot)
    return h(
      "span",
      { class: "avatar telegram-bot", "aria-hidden": "true" },
      h("img", { src: "icon.svg", alt: "", width: 28, height: 28 }),
    );
  return h("span", { class: `avatar p-${id % 4}`, "aria-hidden": "true" }, initials(name));
}

function tools({ id, text }, body, act) {
  const save = (words) => act({ do: "telegram-edit", message: id, text: words });
  return h(
    "span",
    { class: "tools" },
    h(
      "button",
      {
        type: "button",
        "aria-label": "Edit this message",
        title: "Edit",
        onclick: () => editInPlace(body, text, "Edit the message", save),
      },
      "✎",
    ),
  );
}

function segment({ text, styles }) {
  if (styles.includes("bold")) return h("strong", {}, text);
  if (styles.includes("italic")) return h("em", {}, text);
  if (styles.includes("code")) return h("code", {}, text);
  return styles.length > 0 ? h("span", { class: "link" }, text) : text;
}

function buttonsOf({ id, buttons }, act) {
  const press = (data) => () => void act({ do: "telegram-press", message: id, data, user: telegramUser() });
  return h(
    "div",
    { class: "keyboard" },
    ...buttons.map(({ data, label }) =>
      h("button", { type: "button", "data-focus": data, onclick: press(data) }, label),
    ),
  );
}

function serviceWords({ service, author }) {
  const words = {
    forum_topic_created: "opened the topic",
    forum_topic_edited: "renamed the topic",
    forum_topic_closed: "closed the topic",
    forum_topic_reopened: "opened the topic again",
    new_chat_members: "joined the group",
    pinned_message: "pinned the card",
  };
  return `${author.name} ${words[service] ?? service.replaceAll("_", " ")}`;
}
