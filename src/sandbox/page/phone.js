/** The customers' phones: a row of people, and the phone of the one that is chosen. */
import { drawList, followEnd, h, initials, showEnd, timeOf } from "./draw.js";

const contactsList = document.getElementById("contacts");
const messagesList = document.getElementById("phone-messages");
/** How many texts of each contact have been seen, by number; also after a reload, as long as it is the same sandbox. */
let seen;
let shownContact;
followEnd(messagesList);

/** `phone`: as the server tells; `chosen`: a contact's number. */
export function drawPhone(phone, chosen, choose) {
  document.getElementById("line-name").textContent = `Northside Bikes, ${phone.line.name}`;
  document.getElementById("line-number").textContent = spaced(phone.line.did);
  document.getElementById("clock").textContent = timeOf(Date.now());
  seen ??= remembered(phone.run);
  const { messages } = phone.contacts.find(({ number }) => number === chosen) ?? { messages: [] };
  seen.set(chosen, received(messages));
  sessionStorage.setItem("seen", JSON.stringify({ run: phone.run, counts: [...seen] }));
  const people = phone.contacts.map(({ number, name, messages: texts }, index) => {
    const known = seen.get(number) ?? 0;
    return { number, name, index, unread: Math.max(0, received(texts) - known), chosen: number === chosen };
  });
  drawList(
    contactsList,
    people,
    ({ number }) => number,
    (person) => tab(person, choose),
  );
  const texts = messages.map((message) => ({ ...message, arrivals: phone.arrivals[message.id] }));
  drawList(messagesList, texts, ({ id }) => id, bubble);
  if (shownContact !== chosen) showEnd(messagesList);
  shownContact = chosen;
}

function remembered(run) {
  const stored = JSON.parse(sessionStorage.getItem("seen") ?? "{}");
  return new Map(stored.run === run ? stored.counts : []);
}

function received(messages) {
  return messages.filter(({ mine, status }) => !mine && status === "sent").length;
}

function tab({ number, name, index, unread, chosen }, choose) {
  const label = unread > 0 ? `${name}, ${unread} new` : name;
  return h(
    "button",
    {
      type: "button",
      role: "tab",
      class: `contact person-${index}`,
      "aria-selected": chosen ? "true" : "false",
      "aria-label": label,
      "data-focus": number,
      tabindex: chosen ? 0 : -1,
      onclick: () => choose(number),
      onkeydown: (event) => step(event),
    },
    h("span", { class: "avatar", "aria-hidden": "true" }, initials(name)),
    h("span", { class: "contact-name" }, name.split(" ", 1)),
    unread > 0 && h("span", { class: "badge", "aria-hidden": "true" }, String(unread)),
  );
}

/** Arrow keys go from tab to tab. */
function step(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by === undefined) return;
  const tabs = [...contactsList.children];
  const next = tabs.at((tabs.indexOf(event.currentTarget) + by) % tabs.length);
  next?.click();
  contactsList.querySelector(`[data-focus="${CSS.escape(next?.dataset.key ?? "")}"]`)?.focus();
}

function bubble({ mine, text, at, status, via, arrivals }) {
  const failed = status === "failed";
  return h(
    "li",
    { class: `bubble-row ${mine ? "mine" : "theirs"}${failed ? " failed" : ""}` },
    h("div", { class: "bubble" }, text),
    h("div", { class: "bubble-foot" }, ...(mine ? arrivedAt(at, arrivals) : cameTo(at, status, via))),
  );
}

/** Under what the customer wrote: when it stood in each chat. */
function arrivedAt(at, arrivals = {}) {
  const shown = [
    ["slack", "Slack"],
    ["telegram", "Telegram"],
  ].flatMap(([where, name]) => (arrivals[where] === undefined ? [] : [`${name} ${duration(arrivals[where])}`]));
  return [`${timeOf(at)} ${shown.length > 0 ? "✓ " : ""}`, h("span", { class: "arrived" }, shown.join(" · "))];
}

function cameTo(at, status, via) {
  const from = via === "phone" ? " · from a desk phone" : "";
  if (status === "failed") return [`✗ not delivered${from}`];
  return [status === "sent" ? `${timeOf(at)} ✓✓${from}` : `on its way…${from}`];
}

export function duration(ms) {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function spaced(number) {
  return number.replace(/^(\+1)(\d{3})(\d{3})(\d{4})$/, "$1 $2 $3 $4");
}
