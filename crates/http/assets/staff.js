// Comfort in the back office: keys and submit-once. Every page works without this file.
"use strict";

const typing = (node) => node.closest("input, select, textarea, [contenteditable]");
const rows = () => [...document.querySelectorAll("tr[data-row], table.table tbody tr:has(a)")];
let here = -1;

function move(step) {
  const all = rows();
  if (all.length === 0) return;
  here = Math.min(Math.max(here + step, 0), all.length - 1);
  for (const row of all) row.classList.toggle("here", row === all[here]);
  all[here].querySelector("a")?.focus();
  all[here].scrollIntoView({ block: "nearest" });
}

// `/` goes to the search field, `j` and `k` walk the rows, Enter opens (the row's link has focus).
// `data-keys="off"` on <body> switches them off.
document.addEventListener("keydown", (event) => {
  if (document.body.dataset.keys === "off") return;
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  if (event.key === "/") {
    const field = document.querySelector("[type=search]");
    if (field) { event.preventDefault(); field.focus(); field.select(); }
  } else if (event.key === "j") {
    move(1);
  } else if (event.key === "k") {
    move(-1);
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  const button = event.submitter || form.querySelector("button[type=submit], button:not([type])");
  if (!button) return;
  setTimeout(() => {
    if (button.dataset.busy) button.textContent = button.dataset.busy;
    button.setAttribute("aria-busy", "true");
  }, 0);
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.querySelector(button.dataset.copy);
    if (source) await navigator.clipboard.writeText(source.textContent.trim());
    if (button.dataset.done) button.textContent = button.dataset.done;
  });
}

document.querySelector(".error-summary")?.focus();
