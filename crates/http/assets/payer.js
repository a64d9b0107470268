// Comfort on pages of guests and payers. Every page works without this file.
"use strict";

const live = document.querySelector("[data-live]");
const say = (text) => { if (live) live.textContent = text; };

// A hold's clock: <p class="hold" data-until="2026-06-15T09:50:00Z" data-now="…"
//   data-minutes="Il reste {n} min" data-over="Votre réservation n'est plus retenue">…</p>
for (const clock of document.querySelectorAll("[data-until]")) {
  const skew = clock.dataset.now ? Date.parse(clock.dataset.now) - Date.now() : 0;
  const end = Date.parse(clock.dataset.until);
  const left = document.createElement("span");
  clock.append(" ", left);
  const announced = new Set();
  const tick = () => {
    const minutes = Math.ceil((end - Date.now() - skew) / 60000);
    const words = minutes > 0
      ? (clock.dataset.minutes || "").replace("{n}", String(minutes))
      : clock.dataset.over || "";
    if (words) left.textContent = minutes > 0 ? `· ${words}` : words;
    for (const mark of [10, 2, 0]) {
      if (minutes === mark && !announced.has(mark)) { announced.add(mark); say(words); }
    }
    if (minutes <= 0) clearInterval(timer);
  };
  const timer = setInterval(tick, 1000);
  tick();
}

// A form is sent once; its button says so: <button data-busy="En cours…">.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  const button = event.submitter || form.querySelector("button[type=submit], button:not([type])");
  if (!button) return;
  setTimeout(() => {
    if (button.dataset.busy) button.textContent = button.dataset.busy;
    button.setAttribute("aria-busy", "true");
  }, 0);
});

// Coming back from the history: the form may be sent again (the server answers only once).
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

// <button type="button" data-copy="#reference" data-done="Copié" hidden>
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.querySelector(button.dataset.copy);
    if (!source) return;
    await navigator.clipboard.writeText(source.textContent.trim());
    if (button.dataset.done) { button.textContent = button.dataset.done; say(button.dataset.done); }
  });
}

// <button type="button" data-print hidden>
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// The order's details stay open on wide screens where the browser cannot do it by style alone.
if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 960px)").matches) {
  for (const details of document.querySelectorAll("details.summary")) details.open = true;
}

// After a refused form the reader stands at the list of what to correct.
document.querySelector(".error-summary")?.focus();
