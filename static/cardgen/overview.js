/* The overview: read again every few seconds; the server's rows are the truth. */

import { lines } from "./chart.js";
import { tell } from "./moments.js";
import { Pulse } from "./pulse.js";

const EVERY = 3000; // a reader sees five seconds at most go by
const draw = lines(document.querySelector("[data-chart]"));
let shown = document.querySelector("[data-at]").dataset.at;

async function read() {
  const response = await fetch(location.href, { cache: "no-store" });
  if (!response.ok || response.redirected) return false;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const now = page.querySelector("[data-at]").dataset;
  if (now.at < shown) return true; // an older answer came last
  shown = now.at;
  const news = [...page.querySelectorAll("[data-figures]")];
  document.querySelectorAll("[data-figures]").forEach((place, at) => {
    place.replaceChildren(...news[at].childNodes);
    tell(place);
  });
  draw(Number(now.rate));
  return true;
}

const pulse = new Pulse();
pulse.every(EVERY, async () => {
  const read_ = await read().catch(() => false);
  if (read_) pulse.heard("live");
  else pulse.show("reconnecting");
});
