/* The page of one job. */

import { offerCopies } from "./copy.js";
import { percent } from "./format.js";
import { Live } from "./live.js";
import { tell } from "./moments.js";
import { isFinal, paint, say } from "./paint.js";

const OLD = 5000; // ms
const page = document.querySelector("[data-page]");
const actions = document.querySelector(".actions");
const id = page.dataset.job;
const name = document.querySelector("#name").textContent;

let spoken = 0;

async function update(job) {
  const before = page.dataset.status;
  if (!paint(page, job)) return;
  const done = percent(job.produced, job.requested);
  document.title = `${done} % · ${name} · cardgen`;
  if (before === job.status) return sayTens(done);
  say(`Job ${job.status}`);
  offerButtons();
  if (isFinal(job.status)) await showOutcome();
}

/* Each figure would be noise to a screen reader: every tenth part is news. */
function sayTens(done) {
  const tens = Math.floor(done / 10);
  if (tens > spoken) say(`${tens * 10} %`);
  spoken = tens;
}

/* Error, downloads and the first cards come from the server once there is something to show. */
async function showOutcome() {
  const response = await fetch(page.dataset.outcome).catch(() => null);
  if (!response?.ok) return setTimeout(showOutcome, 2000);
  const place = document.querySelector("#outcome");
  const open = [...place.querySelectorAll("details[open][id]")].map(({ id }) => id);
  place.innerHTML = await response.text();
  for (const id of open) place.querySelector(`#${id}`)?.setAttribute("open", "");
  tell(place);
  offerCopies(place);
}

function offerButtons() {
  for (const button of actions.querySelectorAll("[data-in]"))
    button.hidden = !button.dataset.in.split(" ").includes(page.dataset.status);
}

actions.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.ask;
  if (question && !confirm(question)) event.preventDefault();
});

/* Pace, chunks, attempts, proofs and messages are no part of the live figures. Whoever reads there with the
   keyboard keeps their place. */
setInterval(() => {
  const place = document.querySelector("#outcome");
  const coming = place.querySelector("[role=status] [data-status=running], [data-coming]");
  const read = place.contains(document.activeElement);
  if (!live.pulse.still && !read && (coming || !isFinal(page.dataset.status))) showOutcome();
}, OLD);

const live = new Live({
  path: `ws/jobs/${id}`,
  active: () => (isFinal(page.dataset.status) ? [] : [id]),
  onJob: update,
});

offerCopies(document);
