/* A line of cards per second, drawn from what arrives, with the same figures as a table. */

import { thousands } from "./format.js";

const MOST = 120;
const WIDTH = 600;
const HEIGHT = 120;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/* Returns a function that takes a rate. */
export function lines(place) {
  const samples = [];
  return (rate) => {
    samples.push({ at: Date.now(), rate });
    samples.splice(0, samples.length - MOST);
    draw(place, samples);
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

function row({ at, rate }) {
  const line = document.createElement("tr");
  for (const text of [clock.format(at), thousands(rate)]) {
    const cell = line.insertCell();
    cell.textContent = text;
    if (line.cells.length > 1) cell.className = "number";
  }
  return line;
}
