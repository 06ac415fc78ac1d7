/** Listens to the server, remembers what is chosen, and has the parts of the page drawn. */
import { composer, showEnd } from "./draw.js";
import { drawPhone } from "./phone.js";
import { drawSlack, slackUser } from "./slack.js";
import { drawBridge, drawBroken, drawFeed, listenToToolbar } from "./strip.js";
import { drawTelegram, telegramUser } from "./telegram.js";

const state = {};
const chosen = { contact: undefined, thread: undefined, topic: undefined };

/** Resolves to whether it could be done; if not, the person is told why. */
async function act(action) {
  try {
    const response = await fetch("actions", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(action),
    });
    if (response.ok) return true;
    alertWith((await response.json()).message);
  } catch {
    alertWith("The sandbox does not answer. Is it still running?");
  }
  return false;
}

let alertEnds;
function alertWith(message) {
  const bar = document.getElementById("alert");
  bar.textContent = message;
  bar.hidden = false;
  clearTimeout(alertEnds);
  alertEnds = setTimeout(() => (bar.hidden = true), 6000);
}

/** A contact brings their thread and topic along; a thread or topic brings its contact. */
function chooseContact(number) {
  chosen.contact = number;
  chosen.thread = undefined;
  chosen.topic = undefined;
  draw();
}

function chooseThread(ts) {
  const contact = state.slack.threads.find(({ root }) => root.ts === ts)?.contact;
  if (contact !== undefined && contact !== chosen.contact) chooseContact(contact);
  chosen.thread = ts;
  draw();
}

function chooseTopic(id) {
  const contact = state.telegram.topics.find((topic) => topic.id === id)?.contact;
  if (contact !== undefined && contact !== chosen.contact) chooseContact(contact);
  chosen.topic = id;
  draw();
}

/** The latest: when a thread was deleted the bridge opens another. */
const openThread = () =>
  chosen.thread ??
  state.slack.threads.findLast(({ contact, root }) => contact === chosen.contact && !root.gone)?.root.ts;
const openTopic = () => chosen.topic ?? state.telegram.topics.findLast(({ contact }) => contact === chosen.contact)?.id;
const nameOf = (number) => state.phone.contacts.find((contact) => contact.number === number)?.name ?? number;

function draw() {
  if (!state.phone || !state.slack || !state.telegram) return;
  chosen.contact ??= state.phone.contacts[0].number;
  drawPhone(state.phone, chosen.contact, chooseContact);
  drawSlack(state.slack, openThread(), { choose: chooseThread, act, nameOf });
  drawTelegram(state.telegram, openTopic(), { choose: chooseTopic, act });
}

function listen() {
  const events = new EventSource("events");
  const drawers = { phone: draw, slack: draw, telegram: draw, bridge: drawBridge, feed: drawFeed, broken: drawBroken };
  for (const [part, drawer] of Object.entries(drawers)) {
    events.addEventListener(part, (event) => {
      state[part] = JSON.parse(event.data);
      drawer(state[part]);
    });
  }
  events.addEventListener("error", () => drawBridge({ phase: "out of reach", health: [] }));
  events.addEventListener("open", () => (document.body.dataset.connected = "yes"));
}

/** `part`: whose form, field and list it is. */
function writesIn(part, list, actionOf) {
  composer(document.getElementById(`${part}-form`), document.getElementById(`${part}-text`), (text) => {
    showEnd(document.getElementById(list));
    return act(actionOf(text));
  });
}

writesIn("phone", "phone-messages", (text) => ({ do: "text", contact: chosen.contact, text }));
writesIn("slack", "slack-replies", (text) => ({ do: "slack-reply", thread: openThread(), user: slackUser(), text }));
writesIn("telegram", "telegram-messages", (text) => ({
  do: "telegram-reply",
  topic: openTopic(),
  user: telegramUser(),
  text,
}));
listenToToolbar(act, () =>
  act({ do: "desk-phone", contact: chosen.contact, text: "Carla here, from the shop. I just tried to call you." }),
);
listen();
