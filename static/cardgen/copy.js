/* Buttons that copy: `data-copies` is the text, `data-copy` names the element that has it. */

export function offerCopies(root) {
  for (const button of root.querySelectorAll("[data-copy], [data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const copied = await copy(textOf(button));
      button.textContent = copied ? "Copied" : "Press Ctrl+C";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
  }
}

function textOf({ dataset }) {
  return dataset.copies ?? document.getElementById(dataset.copy).textContent;
}

/* Over plain HTTP there is no clipboard but that of a selection. */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  field.setAttribute("aria-hidden", "true");
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return copied;
}
