// Comfort on the card page. The form works without this file.
"use strict";

const number = document.querySelector("input[name=number]");
const choice = document.querySelector("#cardBrand");
const live = document.querySelector("[data-live]");

// First digits of each scheme, for the badges only; the server decides.
const schemes = [
  ["amex", /^3[47]/], ["diners", /^3(0[0-59]|[689])/], ["jcb", /^35(2[89]|[3-8])/],
  ["discover", /^(6011|64[4-9]|65)/], ["unionpay", /^62/],
  ["mastercard", /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/],
  ["visa", /^(4|999999)/], ["maestro", /^(50|5[6-9]|6)/],
];
const groupsOf = (scheme, length) =>
  scheme === "amex" ? [4, 6, 5] : scheme === "diners" ? [4, 6, 4] :
  length > 16 ? [4, 4, 4, 4, 3] : [4, 4, 4, 4];

function grouped(digits, groups) {
  const parts = [];
  let rest = digits;
  for (const size of groups) {
    if (!rest) break;
    parts.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  if (rest) parts.push(rest);
  return parts.join(" ");
}

function format() {
  const before = number.value.slice(0, number.selectionStart).replace(/\D/g, "").length;
  const digits = number.value.replace(/[\s\u00a0\u202f-]/g, "");
  const scheme = (schemes.find(([, test]) => test.test(digits)) || [""])[0];
  if (/^\d*$/.test(digits)) {
    const text = grouped(digits, groupsOf(scheme, digits.length));
    if (text !== number.value) {
      number.value = text;
      let caret = 0;
      for (let seen = 0; seen < before && caret < text.length; caret += 1) {
        if (text[caret] !== " ") seen += 1;
      }
      number.setSelectionRange(caret, caret);
    }
  }
  const both = choice && choice.dataset.leads.split(" ").some((lead) => lead && digits.startsWith(lead));
  if (choice) {
    choice.hidden = !both;
    choice.disabled = !both;
  }
  for (const badge of document.querySelectorAll("[data-brand]")) {
    const mine = badge.dataset.brand === scheme || (both && badge.dataset.brand === "cb");
    badge.classList.toggle("lit", Boolean(scheme) && mine);
    badge.classList.toggle("dim", Boolean(scheme) && !mine);
  }
}

if (number) {
  number.addEventListener("input", format);
  format();
}

// The demo's split screen, and nobody else, may fill in a test card.
const stage = document.querySelector("form[data-stage]")?.dataset.stage;
if (stage) {
  window.addEventListener("message", (event) => {
    if (event.origin !== stage || event.source !== window.parent) return;
    for (const name of ["number", "exp", "code"]) {
      const field = document.querySelector(`input[name=${name}]`);
      const value = event.data?.[name];
      if (!field || typeof value !== "string") continue;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    event.source.postMessage({ filled: true }, stage);
  });
}

// The clock of a hold: announced at 10 and at 2 minutes.
for (const clock of document.querySelectorAll("[data-until]")) {
  const skew = clock.dataset.now ? Date.parse(clock.dataset.now) - Date.now() : 0;
  const end = Date.parse(clock.dataset.until);
  const left = document.createElement("span");
  clock.append(" ", left);
  const told = new Set();
  const tick = () => {
    const minutes = Math.ceil((end - Date.now() - skew) / 60000);
    const words = minutes > 0
      ? clock.dataset.minutes.replace("{n}", String(minutes)) : clock.dataset.over;
    left.textContent = `· ${words}`;
    if ([10, 2, 0].includes(minutes) && !told.has(minutes)) {
      told.add(minutes);
      if (live) live.textContent = words;
    }
    if (minutes <= 0) clearInterval(timer);
  };
  const timer = setInterval(tick, 1000);
  tick();
}

// The form is sent once; its button says so.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  const button = event.submitter;
  setTimeout(() => {
    if (!button) return;
    if (button.dataset.busy) button.textContent = button.dataset.busy;
    button.setAttribute("aria-busy", "true");
  }, 0);
});

// Coming back from the history: the server knows what is true.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 960px)").matches) {
  for (const details of document.querySelectorAll("details.summary")) details.open = true;
}

// After a refused form the reader stands at the list of what to correct.
document.querySelector(".error-summary")?.focus();
