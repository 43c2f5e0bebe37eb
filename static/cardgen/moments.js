/* Times in the reader's zone and words; without this they stand on the page in UTC. */

const EVERY = 20000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const second = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const whole = new Intl.DateTimeFormat("en-GB", {
  ...{ day: "numeric", month: "short", year: "numeric" },
  ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
});
const forms = {
  age,
  time: (at) => clock.format(at),
  second: (at) => second.format(at),
  full: (at) => whole.format(at),
};

export function tell(root) {
  for (const element of root.querySelectorAll("[data-moment]")) {
    const at = new Date(element.dateTime);
    element.textContent = forms[element.dataset.moment](at);
    element.title = whole.format(at);
  }
}

function age(at) {
  const seconds = Math.max(0, (Date.now() - at) / 1000);
  if (seconds < 10) return "just now";
  if (seconds < MINUTE) return `${Math.floor(seconds / 10) * 10} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  return day.format(at);
}

tell(document);
setInterval(() => document.hidden || tell(document), EVERY);
