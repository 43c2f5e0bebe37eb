/* The order form: the promise of what is chosen, fitting ranges only, and the same over REST. */

import { offerCopies } from "./copy.js";
import { thousands } from "./format.js";

const PAUSE = 400; // after the last key, before the request is asked for

export function enhance(form) {
  offerQuickCounts(form);
  followChoice(form);
  followRequest(form);
  form.querySelector("[aria-invalid=true]")?.focus();
  const button = form.querySelector("[type=submit]");
  form.addEventListener("submit", () => (button.disabled = true));
  addEventListener("pageshow", () => (button.disabled = false)); // back button
}

function offerQuickCounts(form) {
  const quick = form.querySelector(".quick");
  quick.hidden = false;
  quick.addEventListener("click", ({ target }) => {
    if (!target.dataset.count) return;
    form.elements.count.value = target.dataset.count;
    form.elements.count.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

/* The tier that the server would take: the safest with room for the count (`roomiest`). */
function followChoice(form) {
  const { scheme, range, count } = form.elements;
  const promises = form.querySelectorAll("[data-tier]");
  const left = form.querySelector("[data-left-here]");
  const show = () => {
    narrow(range, scheme.value);
    const chosen = (range.value ? range : scheme).selectedOptions[0].dataset;
    const tier = safest(chosen.room, Number(count.value.replace(/[\s,_.']/g, "")));
    for (const promise of promises) promise.hidden = promise.dataset.tier !== tier;
    left.textContent = `${thousands(Number(chosen.left))} number${chosen.left === "1" ? "" : "s"} left.`;
    left.hidden = false;
  };
  form.addEventListener("input", show);
  show();
}

/* Only ranges of the scheme can be chosen. */
function narrow(range, scheme) {
  for (const group of range.querySelectorAll("optgroup")) {
    group.hidden = group.disabled = group.dataset.scheme !== scheme;
  }
  if (range.selectedOptions[0].parentElement.disabled) range.value = "";
}

function safest(room, count) {
  const tiers = room.split(" ").map((part) => part.split(":"));
  const [tier] = tiers.find(([, most]) => Number(most) >= count) ?? tiers[0];
  return tier;
}

/* The server writes the request, from the form as it stands; nothing is started. */
function followRequest(form) {
  const details = form.querySelector("[data-request]");
  let timer;
  let asking = new AbortController();
  const later = (pause) => {
    clearTimeout(timer);
    asking.abort(); // an answer to older values must not come last
    asking = new AbortController();
    if (details.open) timer = setTimeout(() => refresh(form, details, asking.signal), pause);
  };
  form.addEventListener("input", () => later(PAUSE));
  details.addEventListener("toggle", () => later(0));
  details.querySelector("[name=show]").hidden = true;
  later(0); // it may have been opened before this script came
}

async function refresh(form, details, signal) {
  try {
    const body = new FormData(form);
    const response = await fetch(details.dataset.request, { method: "POST", body, signal });
    if (!response.ok || response.redirected) return; // signed out: the next submission says so
    const place = details.querySelector("[data-request-text]");
    place.innerHTML = await response.text();
    offerCopies(place);
  } catch {
    // aborted for newer values, or offline: the text stays as it was
  }
}
