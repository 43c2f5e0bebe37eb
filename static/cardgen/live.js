/* Follow jobs over a WebSocket; while it is away, ask for the status every two seconds. */

const POLL = 2000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const TOO_MANY = 4429; // no place is left for one more socket: the page polls meanwhile
const SILENCE = 15000; // a job that runs is never silent for so long: the socket may be dead

export class Live {
  /* `active()` lists the ids of jobs that still change; `onJob` gets figures, in any order. */
  constructor({ path, active, onJob }) {
    Object.assign(this, { path, active, onJob, wait: FIRST_WAIT, ended: false, heard: Date.now() });
    this.indicator = document.querySelector("[data-live]");
    this.indicator.hidden = false;
    this.show("reconnecting", "connecting");
    this.connect();
    setInterval(() => this.tick(), POLL);
    document.addEventListener("visibilitychange", () => document.hidden || this.poll());
    addEventListener("online", () => this.poll());
  }

  show(state, text) {
    if (this.indicator.dataset.live === state) return;
    this.indicator.dataset.live = state;
    this.indicator.querySelector("[data-live-text]").textContent = text || state;
  }

  connect() {
    if (this.ended) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}${this.path}`);
    this.socket.onopen = () => {
      this.wait = FIRST_WAIT;
      this.show("live");
    };
    this.socket.onmessage = (event) => {
      this.heard = Date.now();
      this.onJob(JSON.parse(event.data));
    };
    this.socket.onclose = (event) => this.reconnect(event.code);
  }

  /* Back off with jitter, so that a thousand tabs do not come back at once after a restart. */
  reconnect(code) {
    this.show("reconnecting");
    if (code === TOO_MANY) this.wait = LONGEST_WAIT;
    setTimeout(() => this.connect(), this.wait * (0.5 + Math.random()));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  tick() {
    const open = this.socket.readyState === WebSocket.OPEN;
    if (!open || Date.now() - this.heard > SILENCE) this.poll(!open);
  }

  async poll(show = false) {
    this.heard = Date.now();
    for (const id of this.ended ? [] : this.active()) {
      const answered = await this.ask(id);
      if (answered && show && this.socket.readyState !== WebSocket.OPEN) this.show("polling");
    }
  }

  async ask(id) {
    try {
      const response = await fetch(`/api/v1/cards/jobs/${id}/status`, { cache: "no-store" });
      if (response.status === 401 || response.status === 403) this.end();
      if (response.ok) this.onJob(await response.json());
      return response.ok;
    } catch {
      return false; // offline: the next tick tries again
    }
  }

  end() {
    this.ended = true;
    this.socket.close();
    this.show("ended", "signed out: reload the page");
  }
}
