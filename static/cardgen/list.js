/* A list of jobs that is kept up to date. */

import { Live } from "./live.js";
import { tell } from "./moments.js";
import { isFinal, paint, say } from "./paint.js";

const NOBODY = "00000000-0000-0000-0000-000000000000";

export function follow(list) {
  const rows = new Map([...list.querySelectorAll("[data-job]")].map((row) => [row.dataset.job, row]));
  const asked = new Set();

  function update(job) {
    const row = rows.get(job.id);
    if (!row) return add(job.id);
    const before = row.dataset.status;
    if (paint(row, job) && before !== job.status) {
      say(`${row.querySelector("h3").textContent.trim()}: ${job.status}`);
    }
  }

  /* A job that was started elsewhere: its line comes from the server, with title and links. */
  async function add(id) {
    if (asked.has(id) || !("firstPage" in list.dataset)) return;
    asked.add(id);
    const response = await fetch(list.dataset.row.replace(NOBODY, id)).catch(() => null);
    if (!response?.ok) return asked.delete(id);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    put(id, document.adoptNode(page.querySelector("li")));
  }

  function put(id, row) {
    const { job, fold } = row.dataset;
    list.querySelector(job ? `[data-job="${job}"]` : `[data-fold="${fold}"]`)?.remove();
    if (job) rows.set(id, row);
    list.prepend(row);
    tell(row);
    document.querySelector("[data-empty]").hidden = true;
  }

  return new Live({
    path: "ws/jobs",
    active: () => [...rows].filter(([, row]) => !isFinal(row.dataset.status)).map(([id]) => id),
    onJob: update,
  });
}
