/** The strip at the bottom, and the buttons that break things. */
import { drawList, h } from "./draw.js";
import { duration } from "./phone.js";

const NAMES = { store: "Storage", pbx: "PBX", slack: "Slack", telegram: "Telegram" };
const SIGNS = { in: "↘", out: "↗", copy: "⇄", mark: "★", told: "•", trouble: "!", mended: "✓" };
const toolbar = document.getElementById("breaking");
const power = toolbar.querySelector('[data-do="stop"]');
const AWAY = { part: "Away", ok: false, reason: "Text and answer all the same: it finds everything once it is back." };
let broken = {};

export function drawBridge({ phase, health, queue }) {
  const phaseLabel = document.getElementById("phase");
  phaseLabel.textContent = phase;
  phaseLabel.className = phase;
  const isAway = phase === "stopped";
  drawList(document.getElementById("parts"), isAway ? [AWAY] : health, ({ part }) => part, drawPart);
  power.dataset.do = isAway ? "start" : "stop";
  drawButton(power, isAway);
  count("waiting", queue?.waiting);
  count("aside", queue?.aside);
  count("questions", queue?.questions);
  document.getElementById("questions-word").textContent = queue?.questions === 1 ? "question waits" : "questions wait";
}

function drawPart({ part: name, ok, reason }) {
  return h(
    "li",
    { class: ok ? "ok" : "not-ok", title: reason },
    h("i", { "aria-hidden": "true" }),
    NAMES[name] ?? name,
    h("span", { class: ok ? "hidden" : "reason" }, ok ? " connected" : ` ${reason}`),
  );
}

function count(id, value) {
  const shown = document.getElementById(id);
  shown.textContent = value === undefined ? "–" : String(value);
  shown.classList.toggle("some", value > 0);
}

export function drawFeed(entries) {
  drawList(document.getElementById("feed"), entries, ({ id }) => id, entry);
}

function entry({ at, kind, words, took }) {
  return h(
    "li",
    { class: `feed-${kind}` },
    h(
      "time",
      {},
      new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }),
    ),
    h("i", { "aria-hidden": "true" }, SIGNS[kind]),
    h("span", {}, words),
    took !== undefined && h("b", {}, duration(took)),
  );
}

export function drawBroken(next) {
  broken = next;
  for (const button of toolbar.querySelectorAll("[data-what]")) {
    const state = broken[button.dataset.what];
    drawButton(button, state !== undefined, secondsLeft(state));
  }
}

/** What it does when pressed, or what is broken and for how long. */
function drawButton(button, isBroken, left = "") {
  button.dataset.label ??= button.textContent.trim();
  button.setAttribute("aria-pressed", String(isBroken));
  button.textContent = isBroken ? button.dataset.broken + left : button.dataset.label;
}

/** Where time mends it. */
function secondsLeft({ until } = {}) {
  return until === undefined ? "" : ` · ${Math.max(0, Math.ceil((until - Date.now()) / 1000))} s`;
}

/** `deskPhone`: texts the contact that is chosen. */
export function listenToToolbar(act, deskPhone) {
  setInterval(() => drawBroken(broken), 250);
  for (const button of toolbar.querySelectorAll("button")) button.setAttribute("aria-description", button.dataset.hint);
  const press = async (button) => {
    const { what, do: order } = button.dataset;
    button.disabled = true;
    if (order === "desk-phone") await deskPhone();
    else await act(order === undefined ? { do: "break", what, on: broken[what] === undefined } : { do: order });
    button.disabled = false;
    button.focus();
    // Whoever pressed it knows what it does; the hint would lie over the phone.
    button.classList.add("told");
  };
  for (const button of toolbar.querySelectorAll("button"))
    button.addEventListener("blur", () => button.classList.remove("told"));
  toolbar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button !== null) void press(button);
  });
}
