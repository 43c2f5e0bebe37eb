/* Keeps the layers and the proof fresh while their page is seen. */

const OFTEN = 1000;
const SELDOM = 10000;
const place = document.querySelector("[data-proofs]");

function busy() {
  return ["waiting", "running"].includes(place.querySelector("[data-proof]").dataset.proof);
}

async function refresh() {
  if (!document.hidden && !place.querySelector("details[open]")) {
    const response = await fetch(place.dataset.proofs, { cache: "no-store" }).catch(() => null);
    if (response?.ok && !response.redirected) place.innerHTML = await response.text();
  }
  setTimeout(refresh, busy() ? OFTEN : SELDOM);
}

setTimeout(refresh, busy() ? OFTEN : SELDOM);
