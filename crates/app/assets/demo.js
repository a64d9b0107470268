// The demo's split screen: what happens in one frame is seen in the other within a second.
// Without this file every button still works; the frames are then refreshed by hand.
"use strict";

const EVERY_MS = 350;
const TOAST_MS = 6000;
const stage = document.querySelector("[data-stage]");
const frames = [...document.querySelectorAll("iframe[data-follow]")];
const first = (selector) => document.querySelector(selector);
let version = stage.dataset.version;
let toastTimer;

function toast(text) {
  const line = first("[data-toast]");
  line.textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { line.textContent = ""; }, TOAST_MS);
}

// A frame of ours, or nothing while it shows the vault or the bank.
function inside(frame) {
  try {
    return frame.contentWindow.location.protocol === "about:" ? null : frame.contentDocument;
  } catch {
    return null;
  }
}

const changed = (field) => field.value !== field.defaultValue
  && !["hidden", "submit", "button"].includes(field.type);

function isBusy(page) {
  const fields = [...page.querySelectorAll("input, textarea")];
  const open = page.activeElement?.matches("input:not([type=hidden]), select, textarea");
  return open || fields.some(changed) || page.querySelector(".error-summary") !== null;
}

// One-time tokens and clocks differ each time; they are no news.
const plain = (text) => text.replace(/name="form_token" value="[^"]*"/g, "")
  .replace(/data-now="[^"]*"/g, "");

async function text(page) {
  const answer = await fetch(page.location.href, { redirect: "manual" });
  return answer.type === "opaqueredirect" ? "moved" : plain(await answer.text());
}

// A frame on its way to another page is left alone: a reload would call it back.
const LEAVING_MS = 4000;
const leaving = new WeakMap();
const isLeaving = (frame) => Date.now() - (leaving.get(frame) ?? 0) < LEAVING_MS;

const known = new WeakMap();
for (const frame of frames) {
  const remember = async () => {
    const page = inside(frame);
    leaving.delete(frame);
    page?.defaultView.addEventListener("beforeunload", () => leaving.set(frame, Date.now()));
    known.delete(frame);
    if (page) known.set(frame, await text(page).catch(() => ""));
  };
  frame.addEventListener("load", remember);
  remember();
}

async function refresh(frame) {
  const page = inside(frame);
  if (!page || isBusy(page) || isLeaving(frame)) return;
  const now = await text(page).catch(() => null);
  if (now === null || inside(frame) !== page || isBusy(page) || isLeaving(frame)) return;
  if (now === known.get(frame)) return;
  known.set(frame, now);
  frame.parentElement.classList.remove("flash");
  page.location.reload();
  frame.addEventListener("load", () => frame.parentElement.classList.add("flash"), { once: true });
}

function show(news) {
  first("[data-clock]").textContent = news.clock;
  first("[data-inbox]").textContent = news.inbox;
  const filling = first("[data-filling]");
  filling.textContent = news.filling ?? "";
  filling.hidden = !news.filling;
  const list = first("[data-mission]");
  if (list && news.mission && news.mission.key === list.dataset.mission) {
    [...list.children].forEach((step, at) => {
      step.classList.toggle("done", news.mission.done.includes(at));
      step.classList.toggle("here", news.mission.here === at);
    });
    const over = news.mission.here === null;
    first("[data-over]").hidden = !over;
    const pay = first("[data-pay]");
    if (pay && news.mission.pay) pay.href = news.mission.pay;
    if (pay) pay.hidden = !news.mission.pay;
    const button = first("[data-step]");
    if (button && !button.dataset.running) button.disabled = over;
  }
}

async function pulse() {
  if (document.hidden) return;
  const answer = await fetch(`/demo/pulse.json?lang=${stage.dataset.lang}`);
  if (!answer.ok) return;
  const news = await answer.json();
  show(news);
  if (news.version === version) return;
  version = news.version;
  await Promise.all(frames.map(refresh));
}

async function beat() {
  await pulse().catch(() => {});
  setTimeout(beat, EVERY_MS);
}
beat();

// Buttons of the clock and of a mission's step answer without leaving the page.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.quiet) return;
  event.preventDefault();
  const button = event.submitter;
  if (button.dataset.running) return;
  const label = button.textContent;
  button.dataset.running = "yes";
  button.setAttribute("aria-busy", "true");
  if (button.dataset.busy) button.textContent = button.dataset.busy;
  try {
    const fields = new URLSearchParams(new FormData(form, button));
    const headers = { accept: "application/json" };
    const answer = await fetch(form.action, { method: "POST", body: fields, headers });
    const news = await answer.json();
    if (news.say) toast(news.say);
    for (const [name, address] of Object.entries(news.show || {})) {
      frames.find((frame) => frame.name === name)?.contentWindow.location.replace(address);
    }
  } catch {
    toast(stage.dataset.failed);
  }
  delete button.dataset.running;
  button.removeAttribute("aria-busy");
  button.textContent = label;
  await pulse().catch(() => {});
});

// Being somebody else is a choice; the button is for those without scripts.
const persona = first("[data-persona]");
persona.querySelector("button").hidden = true;
persona.querySelector("select").addEventListener("change", () => persona.submit());

// One click fills the card page in the phone; it answers when it did.
const FILL_MS = 500;
for (const button of document.querySelectorAll("[data-fill]")) {
  const list = button.closest("[data-vault]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const phone = frames.find((frame) => frame.name === "payer");
    if (inside(phone)) { toast(list.dataset.nowhere); return; }
    const nowhere = setTimeout(() => {
      window.removeEventListener("message", heard);
      toast(list.dataset.nowhere);
    }, FILL_MS);
    function heard(event) {
      if (event.origin !== list.dataset.vault || !event.data?.filled) return;
      clearTimeout(nowhere);
      window.removeEventListener("message", heard);
      toast(list.dataset.done);
    }
    window.addEventListener("message", heard);
    const card = { number: button.dataset.fill, exp: "03/29", code: button.dataset.code };
    phone.contentWindow.postMessage(card, list.dataset.vault);
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const label = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(first(button.dataset.copy).textContent.trim());
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}
