/* Numbers and durations as people read them; jobs/templatetags/cardgen_pages.py does the same. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export const thousands = (number) => whole.format(number);

export const rate = (perSecond) => (perSecond === null ? "—" : `${whole.format(perSecond)}/s`);

/* Rounded down: 100 means finished. */
export const percent = (produced, requested) => Math.floor((produced * 100) / requested);

export function duration(seconds) {
  if (seconds === null) return "—";
  const total = Math.ceil(seconds);
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${total % 60} s` : `${total % 60} s`;
}
