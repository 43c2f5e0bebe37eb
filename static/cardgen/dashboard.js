/* The dashboard: the order form, and the list of jobs kept up to date. */

import { Live } from "./live.js";
import { enhance } from "./order.js";
import { isFinal, paint, say } from "./paint.js";

const list = document.querySelector("[data-jobs]");
const rows = new Map([...list.children].map((row) => [row.dataset.job, row]));
const asked = new Set();

function update(job) {
  const row = rows.get(job.id);
  if (!row) return add(job.id);
  const before = row.dataset.status;
  if (paint(row, job) && before !== job.status) {
    say(`${row.querySelector("h3").textContent.trim()}: ${job.status}`);
  }
}

/* A job that was started elsewhere: its line comes from the server, with label and links. */
async function add(id) {
  if (asked.has(id) || !("firstPage" in list.dataset)) return;
  asked.add(id);
  const response = await fetch(`/jobs/${id}/row`).catch(() => null);
  if (!response?.ok) return asked.delete(id);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const row = document.adoptNode(page.querySelector("[data-job]"));
  rows.set(id, row);
  list.prepend(row);
  document.querySelector("[data-empty]").hidden = true;
}

new Live({
  path: "/ws/jobs",
  active: () => [...rows].filter(([, row]) => !isFinal(row.dataset.status)).map(([id]) => id),
  onJob: update,
});

const form = document.querySelector("[data-order]");
if (form) enhance(form);
