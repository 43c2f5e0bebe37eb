/* A line of cards per second, drawn from what arrives, with the same figures as a table. */

import { thousands } from "./format.js";

const MOST = 120;
const EVERY = 1000;
const WIDTH = 600;
const HEIGHT = 120;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/* Returns a function that takes a rate, and what else stands in its row of the table. */
export function lines(place) {
  const samples = [];
  return (rate, ...more) => {
    samples.push({ at: Date.now(), rate, more });
    samples.splice(0, samples.length - MOST);
    draw(place, samples);
  };
}

/* Returns a function that takes how many cards there are now. */
export function chart(place) {
  const add = lines(place);
  let before = null;
  return (cards) => {
    const at = Date.now();
    if (before && at - before.at < EVERY) return;
    if (before) add(((cards - before.cards) * 1000) / (at - before.at), cards);
    before = { at, cards };
  };
}

function draw(place, samples) {
  place.hidden = samples.length < 2;
  const most = Math.max(1, ...samples.map(({ rate }) => rate));
  const step = WIDTH / Math.max(1, samples.length - 1);
  const points = samples.map(({ rate }, at) => `${at * step},${HEIGHT - 4 - (rate / most) * (HEIGHT - 8)}`);
  place.querySelector("polyline").setAttribute("points", points.join(" "));
  place.querySelector("svg").setAttribute("aria-label", `Cards per second, at most ${thousands(most)}`);
  place.querySelector("tbody").replaceChildren(...samples.map(row).reverse());
}

function row({ at, rate, more }) {
  const line = document.createElement("tr");
  for (const text of [clock.format(at), ...more.map(thousands), thousands(rate)]) {
    const cell = line.insertCell();
    cell.textContent = text;
    if (line.cells.length > 1) cell.className = "number";
  }
  return line;
}
