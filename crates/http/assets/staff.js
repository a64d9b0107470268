// Comfort in the back office: keys and submit-once. Every page works without this file.
"use strict";

const typing = (node) => node.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
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

const live = document.querySelector("#live");
const boxes = () => [...document.querySelectorAll("tr[data-row] input[name=id]")];
const ticked = new Set(boxes().filter((box) => box.checked).map((box) => box.value));

function paint() {
  for (const row of rows()) row.setAttribute("aria-selected", String(ticked.has(row.dataset.row)));
  for (const box of boxes()) box.checked = ticked.has(box.value);
  const all = document.querySelector("[data-all]");
  if (!all) return;
  all.hidden = false;
  all.checked = boxes().every((box) => box.checked);
}

function tick() {
  const row = rows()[here];
  if (!row?.dataset.row) return;
  if (!ticked.delete(row.dataset.row)) ticked.add(row.dataset.row);
  paint();
}

const keys = {
  "/": () => {
    const field = document.querySelector("main [type=search]") || document.querySelector("[type=search]");
    field?.focus();
    field?.select();
  },
  j: () => move(1),
  k: () => move(-1),
  x: tick,
  e: () => document.querySelector("[data-export]")?.focus(),
  "?": () => {
    const help = document.querySelector("[data-help]");
    if (!help) return;
    help.closest("details").open = true;
    help.focus();
  },
};

// `/` goes to the search field, `j` and `k` walk the rows, Enter opens (the row's link has focus),
// `x` ticks, `e` goes to the export, `?` shows the help. A person may switch them off.
document.addEventListener("keydown", (event) => {
  if (live?.dataset.keys === "off") return;
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// The filters lie over the rows: they close by Escape, and when a person goes on to the rows.
const sieve = () => document.querySelector(".sieve > details[open]");
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && sieve();
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("focusin", (event) => {
  const open = sieve();
  if (open && !open.contains(event.target)) open.open = false;
});

// A list is shown anew when the server says that it changed; the page itself says the same.
function refresh() {
  const ask = new XMLHttpRequest();
  ask.open("GET", window.location.href);
  ask.responseType = "document";
  ask.addEventListener("load", () => {
    const fresh = ask.response?.querySelector("#live");
    if (ask.status !== 200 || !fresh) return;
    const held = document.activeElement?.closest("tr[data-row]")?.dataset.row;
    live.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
    const tabs = ask.response.querySelector("main .tabs");
    if (tabs) document.querySelector("main .tabs")?.replaceWith(document.adoptNode(tabs));
    paint();
    sum();
    if (held) document.querySelector(`tr[data-row="${CSS.escape(held)}"] a`)?.focus();
  });
  ask.send();
}

// Totals of many rows come after the page.
async function sum() {
  const place = document.querySelector("[data-totals]");
  if (!place) return;
  const answer = await fetch(place.dataset.totals);
  if (!answer.ok || !place.isConnected) return;
  const { totals } = await answer.json();
  place.querySelector("[role=status]")?.remove();
  for (const total of totals) {
    const tiles = document.createElement("div");
    tiles.className = "tiles";
    total.sums.forEach(([words, sum], at) => {
      const tile = document.createElement("p");
      tile.className = "tile";
      const parts = [["", words], ["figure", sum]];
      if (at === 0) parts.push(["muted", total.count]);
      for (const [name, text] of parts) {
        const part = document.createElement("span");
        part.className = name;
        part.textContent = text;
        tile.append(part);
      }
      tiles.append(tile);
    });
    place.append(tiles);
  }
}

function tickBox({ target }) {
  const changed = target.matches("[data-all]") ? boxes() : boxes().filter((box) => box === target);
  for (const box of changed) ticked[target.checked ? "add" : "delete"](box.value);
  paint();
}

if (live) {
  sum();
  paint();
  live.addEventListener("change", tickBox);
  if (live.dataset.flow) new EventSource(live.dataset.flow).addEventListener("change", refresh);
}

// A run tells how far it is; its page is shown anew when it ends.
const run = document.querySelector("[data-run][data-state=running]");
if (run) {
  new EventSource(run.dataset.run).addEventListener("progress", (event) => {
    const { state, percent, line } = JSON.parse(event.data);
    if (state !== "running") { window.location.reload(); return; }
    const bar = document.querySelector("#percent");
    if (bar && percent !== null) {
      bar.value = Math.max(bar.value, percent);
      document.querySelector("#percent-words").textContent = `${bar.value} %`;
    }
    document.querySelector("#line").textContent = line;
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get" || form.querySelector("[data-export]")) return;
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
