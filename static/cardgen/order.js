/* The order form: the promise of what is chosen, fitting ranges only, and a preview. */

import { offerCopies } from "./copy.js";
import { thousands } from "./format.js";

const PAUSE = 400; // after the last key, before the preview is asked for

export function enhance(form) {
  offerQuickCounts(form);
  followChoice(form);
  followPreview(form);
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

/* The server reads the form back: how many cards, five samples, the same in code. */
function followPreview(form) {
  const section = form.querySelector("[data-preview]");
  let timer;
  let asking = new AbortController();
  const later = (pause) => {
    clearTimeout(timer);
    asking.abort(); // an answer to older values must not come last
    asking = new AbortController();
    timer = setTimeout(() => refresh(form, section, asking.signal), pause);
  };
  form.addEventListener("input", () => later(PAUSE));
  section.querySelector("[name=show]").hidden = true;
  later(0);
}

async function refresh(form, section, signal) {
  try {
    const body = new FormData(form);
    const response = await fetch(section.dataset.preview, { method: "POST", body, signal });
    if (!response.ok || response.redirected) return; // signed out: the next submission says so
    const place = section.querySelector("[data-preview-text]");
    const open = place.querySelector("details[open] pre")?.id;
    place.innerHTML = await response.text();
    if (open) place.querySelector(`#${open}`)?.closest("details").setAttribute("open", "");
    offerCopies(place);
  } catch {
    // aborted for newer values, or offline: the text stays as it was
  }
}
