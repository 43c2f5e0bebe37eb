/* Put the figures of a job into its element. An older version never replaces a newer one. */

import { duration, percent, rate, thousands } from "./format.js";

const FINAL = new Set(["succeeded", "failed", "cancelled"]);

export const isFinal = (status) => FINAL.has(status);

/* Returns whether anything was newer; `element.dataset.status` still holds the old status meanwhile. */
export function paint(element, job) {
  if (job.version <= Number(element.dataset.version)) return false;
  const show = (name, text) => {
    const place = element.querySelector(`[data-show=${name}]`);
    if (place && place.textContent !== text) place.textContent = text;
  };
  const done = percent(job.produced, job.requested);
  element.querySelector("[data-show=bar]").value = job.produced;
  show("percent", `${done} %`);
  show("produced", thousands(job.produced));
  show("rate", rate(job.rate));
  show("eta", duration(job.eta_seconds));
  show("status", job.status);
  const downloads = element.querySelector("[data-show=downloads]");
  if (downloads) downloads.hidden = !(isFinal(job.status) && job.produced);
  element.dataset.version = job.version;
  element.dataset.status = job.status;
  return true;
}

/* Say a change of state to screen readers; the figures themselves would be noise. */
export function say(text) {
  document.querySelector("[data-said]").textContent = text;
}
