/* Follow jobs over a WebSocket; while it is away, ask for the status every two seconds. */

import { Pulse } from "./pulse.js";

const POLL = 2000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const TOO_MANY = 4429; // no place is left for one more socket: the page polls meanwhile
const ROOT = document.body.dataset.root; // "/", or what a proxy puts before it
const SILENCE = 15000; // a job that runs is never silent for so long: the socket may be dead

export class Live {
  /* `active()` lists the ids of jobs that still change; `onJob` gets figures, in any order. */
  constructor({ path, active, onJob }) {
    Object.assign(this, { path, active, onJob, wait: FIRST_WAIT, ended: false, asked: Date.now() });
    this.pulse = new Pulse();
    this.connect();
    setInterval(() => this.tick(), POLL);
    this.pulse.onReturn(() => this.back());
    addEventListener("online", () => this.poll());
  }

  connect() {
    if (this.ended || this.pulse.still) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}${ROOT}${this.path}`);
    this.socket = socket;
    socket.onopen = () => {
      this.wait = FIRST_WAIT;
      this.pulse.heard("live");
    };
    socket.onmessage = (event) => this.hear(event);
    socket.onclose = (event) => socket === this.socket && this.reconnect(event.code);
  }

  hear(event) {
    this.asked = Date.now();
    if (this.pulse.still) return this.socket.close();
    this.pulse.heard("live");
    this.onJob(JSON.parse(event.data));
  }

  /* Back off with jitter, so that a thousand tabs do not come back at once after a restart. */
  reconnect(code) {
    if (this.ended || this.pulse.still) return;
    this.pulse.show("reconnecting");
    if (code === TOO_MANY) this.wait = LONGEST_WAIT;
    setTimeout(() => this.connect(), this.wait * (0.5 + Math.random()));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  /* Whoever comes back sees all as it is now: the first message of a socket is a snapshot. */
  back() {
    if (this.ended) return;
    this.wait = FIRST_WAIT;
    if (!this.isOpen()) this.connect();
    this.poll();
  }

  isOpen() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  tick() {
    if (this.pulse.still) return this.isOpen() && this.socket.close();
    if (!this.isOpen() || Date.now() - this.asked > SILENCE) this.poll(!this.isOpen());
  }

  async poll(show = false) {
    this.asked = Date.now();
    for (const id of this.ended || this.pulse.still ? [] : this.active()) {
      const answered = await this.ask(id);
      if (answered && show && !this.isOpen()) this.pulse.heard("polling");
    }
  }

  async ask(id) {
    try {
      const response = await fetch(`${ROOT}api/v1/cards/jobs/${id}/status`, { cache: "no-store" });
      if (response.status === 401 || response.status === 403) this.end();
      if (response.ok && !this.pulse.still) this.onJob(await response.json());
      return response.ok;
    } catch {
      return false; // offline: the next tick tries again
    }
  }

  end() {
    this.ended = true;
    this.socket.close();
    this.pulse.show("ended", "signed out: reload the page");
  }
}
