/** Elements without markup: every text goes in by textContent, so that nothing foreign is ever read as HTML. */

/**
 * An element. `props`: `class`, `on…` (listeners), `data-…`, `aria-…` and other attributes; undefined and false leave one out.
 * Children: elements, texts, and lists of both.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false));
  return element;
}

/**
 * Makes the list show `items`: what has not changed keeps its element, and with it focus and what is being typed there.
 * `keyOf` names an item; `draw` makes its element from it alone (and what `also` adds to tell it apart).
 */
export function drawList(list, items, keyOf, draw, also = "") {
  const last = list.lastElementChild;
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let before = list.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    const shown = JSON.stringify(item) + also;
    const previous = old.get(key);
    const element = reuse(previous, shown) ?? drawn(draw(item), key, shown, previous);
    if (previous !== undefined && previous === before) before = element;
    old.delete(key);
    if (element === before) before = element.nextElementSibling;
    else list.insertBefore(element, before);
  }
  for (const gone of old.values()) gone.remove();
  if (following.has(list)) scrollToEnd(list);
  else if (last?.isConnected && last !== list.lastElementChild) tellBelow(list, true);
}

const following = new Set();
/** For each list that follows its end: the button that says that there is more. */
const below = new Map();

/** From now on the list shows its end, until somebody scrolls up, and again when they scroll down. What comes meanwhile is told. */
export function followEnd(list) {
  following.add(list);
  const button = h(
    "button",
    { type: "button", class: "below", hidden: true, onclick: () => showEnd(list) },
    "New below ↓",
  );
  below.set(list, button);
  list.after(button);
  list.addEventListener("scroll", () => {
    if (list.scrollHeight - list.scrollTop - list.clientHeight >= 40) return following.delete(list);
    following.add(list);
    tellBelow(list, false);
  });
  new ResizeObserver(() => following.has(list) && scrollToEnd(list)).observe(list);
}

/** Shows the list's end and follows it again: whoever writes wants to see their words. */
export function showEnd(list) {
  following.add(list);
  scrollToEnd(list);
  tellBelow(list, false);
}

function tellBelow(list, isMore) {
  const button = below.get(list);
  if (button !== undefined) button.hidden = !isMore;
}

/** What is being edited stays as it is until that ends. */
function reuse(element, shown) {
  if (element === undefined) return undefined;
  return element.shown === shown || element.querySelector("textarea") !== null ? element : undefined;
}

function drawn(element, key, shown, previous) {
  element.dataset.key = key;
  element.shown = shown;
  if (previous === undefined) return element;
  element.classList.add("again");
  const focused = previous.contains(document.activeElement) ? document.activeElement.getAttribute("data-focus") : null;
  previous.replaceWith(element);
  if (focused !== null) element.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  return element;
}

function scrollToEnd(list) {
  list.scrollTop = list.scrollHeight;
}

/** As the bridge writes times. */
export function timeOf(at) {
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

export function initials(name) {
  return name
    .split(" ")
    .map((word) => word[0] ?? "")
    .join("")
    .slice(0, 2);
}

/** Sends by Enter; Shift+Enter begins a new line. The field grows with what is typed, and is emptied once it was taken. */
export function composer(form, field, send) {
  const fit = () => {
    field.style.height = "auto";
    const borders = field.offsetHeight - field.clientHeight;
    field.style.height = `${Math.min(field.scrollHeight + borders, 110)}px`;
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = field.value;
    if (text.trim() === "") return;
    field.value = "";
    fit();
    if (!(await send(text)) && field.value === "") field.value = text;
  });
  field.addEventListener("input", fit);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
}

/** Puts a field in the place of a message's words. Enter saves, Escape leaves everything as it was. */
export function editInPlace(body, text, label, save) {
  const previous = [...body.childNodes];
  const field = h("textarea", { rows: 2, "aria-label": label });
  field.value = text;
  const end = () => body.replaceChildren(...previous);
  const done = async () => {
    end();
    if (field.value.trim() !== "" && field.value !== text) await save(field.value);
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void done();
  });
  const buttons = h(
    "span",
    { class: "edit-buttons" },
    h("button", { type: "button", onclick: () => void done() }, "Save"),
    h("button", { type: "button", onclick: end }, "Cancel"),
  );
  body.replaceChildren(field, buttons);
  field.focus();
}
