/* Scans a file of any size: the browser reads it in pieces that end with a line, and sends one after
   the other. Neither side keeps them. */

const PIECE = 1_000_000;
const SHOWN = 500;
const NEWLINE = 10;
const OF_NUMBERS = new Set([..."0123456789 -"].map((character) => character.charCodeAt(0)));

const form = document.querySelector("[data-scan]");
const input = form.querySelector("input[type=file]");
const found = document.querySelector("[data-found]");
const part = (name) => found.querySelector(`[data-${name}]`);

form.querySelector("[data-dropped]").hidden = false;
form.querySelector("[data-small]").hidden = true;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (input.files.length) scan(input.files[0]);
});
for (const name of ["dragover", "dragleave", "drop"]) {
  form.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.toggle("over", name === "dragover");
  });
}
form.addEventListener("drop", ({ dataTransfer }) => {
  if (!dataTransfer.files.length) return;
  input.files = dataTransfer.files;
  scan(dataTransfer.files[0]);
});

async function scan(file) {
  begin();
  let line = 1;
  let read = 0;
  try {
    for await (const piece of pieces(file)) {
      show(await ask(piece, line));
      line += piece.reduce((lines, byte) => lines + (byte === NEWLINE), 0);
      read += piece.length;
      tell(file, read);
    }
    say("The file is scanned.");
  } catch (error) {
    trouble(error.message);
  }
  part("bar").hidden = true;
  form.querySelector("button").disabled = false;
}

function begin() {
  found.hidden = false;
  part("bar").hidden = false;
  part("trouble").hidden = true;
  part("rows").replaceChildren();
  for (const count of found.querySelectorAll("[data-count]")) count.textContent = "0";
  form.querySelector("button").disabled = true;
}

async function* pieces(file) {
  let kept = new Uint8Array();
  for await (const chunk of chunks(await opened(file))) {
    const text = new Uint8Array(kept.length + chunk.length);
    text.set(kept);
    text.set(chunk, kept.length);
    const end = text.length < PIECE ? 0 : cut(text);
    kept = text.slice(end);
    if (end) yield text.subarray(0, end);
  }
  if (kept.length) yield kept;
}

/* Not `for await` over the stream itself: not every browser can. */
async function* chunks(stream) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (let at = 0; at < value.length; at += PIECE) yield value.subarray(at, at + PIECE);
  }
}

/* A gzip file is unpacked here: its pieces would mean nothing by themselves. */
async function opened(file) {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const packed = first === 0x1f && second === 0x8b;
  return packed ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
}

/* Behind the last line; without one, behind the last character that no number has. */
function cut(text) {
  const line = text.lastIndexOf(NEWLINE) + 1;
  if (line) return line;
  let end = text.length;
  while (end && OF_NUMBERS.has(text[end - 1])) end -= 1;
  return end || text.length;
}

async function ask(piece, line) {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { "Content-Type": "application/octet-stream", "X-CSRFToken": token };
  const url = `${form.dataset.scan}?line=${line}`;
  const response = await fetch(url, { method: "POST", headers, body: piece });
  if (!response.ok || response.redirected) {
    throw new Error("The rest was not scanned: the server does not answer, or you are signed out.");
  }
  return response.json();
}

function show({ counts, rows, trouble: why }) {
  for (const [state, count] of Object.entries(counts)) {
    const place = found.querySelector(`[data-count=${state}]`);
    place.textContent = (Number(place.textContent.replaceAll(",", "")) + count).toLocaleString("en");
  }
  const list = part("rows");
  const more = document.createElement("tbody");
  more.innerHTML = rows;
  list.append(...[...more.children].slice(0, SHOWN - list.children.length));
  if (why) trouble(why);
}

function tell(file, read) {
  const percent = Math.min(100, Math.floor((read * 100) / Math.max(file.size, 1)));
  part("bar").value = percent;
  part("read").textContent = `${(read / 1e6).toFixed(1)} MB read`;
  if (percent % 10 === 0) say(`${percent} % scanned`);
}

function trouble(words) {
  part("trouble").textContent = words;
  part("trouble").hidden = false;
}

function say(words) {
  document.querySelector("[data-said]").textContent = words;
}
