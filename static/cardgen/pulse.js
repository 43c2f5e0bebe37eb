/* How a page is connected, in words: live, reconnecting, polling, paused; and how old it is.

The button stops all updates; so does a tab that nobody has seen for a minute. Whoever comes back
gets everything anew. */

const TICK = 1000;
const UNSEEN = 60000;
const WORDS = { paused: "paused", resting: "resting: nobody looks" };

export class Pulse {
  constructor() {
    Object.assign(this, { paused: false, resting: false, at: null, returns: [], state: "" });
    this.place = document.querySelector("[data-live]");
    this.text = this.place.querySelector("[data-live-text]");
    this.age = this.place.querySelector("[data-live-age]");
    this.button = this.place.querySelector("[data-live-pause]");
    this.place.hidden = false;
    this.show("reconnecting", "connecting");
    this.button.addEventListener("click", () => this.pause(!this.paused));
    document.addEventListener("visibilitychange", () => this.seen());
    setInterval(() => this.tell(), TICK);
  }

  /* Nothing may be read or shown now. */
  get still() {
    return this.paused || this.resting;
  }

  /* `after()` is called when updates go on. */
  onReturn(after) {
    this.returns.push(after);
  }

  heard(state) {
    this.at = Date.now();
    if (!this.still) this.show(state);
    this.tell();
  }

  show(state, text) {
    if (this.still && !(state in WORDS)) return;
    if (this.state === state) return;
    this.state = this.place.dataset.live = state;
    this.text.textContent = text || WORDS[state] || state;
  }

  pause(on) {
    this.paused = on;
    this.button.textContent = on ? "Go on" : "Pause updates";
    this.turn();
  }

  seen() {
    clearTimeout(this.timer);
    if (document.hidden) this.timer = setTimeout(() => this.rest(true), UNSEEN);
    else this.rest(false);
  }

  rest(on) {
    if (this.resting === on) return;
    this.resting = on;
    this.turn();
  }

  turn() {
    if (this.still) return this.show(this.paused ? "paused" : "resting");
    this.show("reconnecting");
    for (const after of this.returns) after();
  }

  tell() {
    if (this.at === null) return;
    const seconds = Math.round((Date.now() - this.at) / 1000);
    this.age.textContent = seconds < 2 ? "updated just now" : `updated ${seconds} s ago`;
  }

  /* Read now, then again and again while updates go on. */
  every(milliseconds, read) {
    const again = () => this.still || read();
    setInterval(again, milliseconds);
    this.onReturn(again);
    again();
  }
}
