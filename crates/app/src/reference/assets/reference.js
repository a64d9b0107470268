// Sends a call of the reference to this very origin and shows the answer. The key stays in its
// field: it is neither stored nor sent anywhere else.
"use strict";

const key = document.querySelector("#key");

function address(form) {
  const query = new URLSearchParams();
  let path = form.dataset.path;
  for (const field of form.querySelectorAll("[data-place]")) {
    const value = field.value.trim();
    if (field.dataset.place === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(value));
    if (field.dataset.place === "query" && value !== "") query.append(field.name, value);
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

function headers(form) {
  const all = {};
  if (key && key.value.trim() !== "" && !form.dataset.open) all.authorization = `Bearer ${key.value.trim()}`;
  for (const field of form.querySelectorAll('[data-place="header"]')) {
    if (field.value.trim() !== "") all[field.name] = field.value.trim();
  }
  return all;
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

async function send(form) {
  const shown = form.querySelector("output");
  const request = { method: form.dataset.method, headers: headers(form), cache: "no-store" };
  const body = form.querySelector("textarea");
  if (body && body.value.trim() !== "") {
    request.body = body.value;
    request.headers["content-type"] = "application/json";
  }
  shown.hidden = false;
  shown.textContent = "…";
  try {
    const answer = await fetch(address(form), request);
    const text = await answer.text();
    shown.textContent = `${answer.status} ${answer.statusText}\n${pretty(text)}`;
  } catch (fault) {
    shown.textContent = String(fault);
  }
}

for (const form of document.querySelectorAll("form[data-method]")) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
  const once = form.querySelector('[name="Idempotency-Key"]');
  if (once) once.value = crypto.randomUUID();
}
// A link to a call or a shape opens it.
function open() {
  const target = location.hash === "" ? null : document.querySelector(location.hash);
  if (target instanceof HTMLDetailsElement) target.open = true;
}
window.addEventListener("hashchange", open);
open();

const panel = document.querySelector("#try");
if (panel) panel.hidden = false;
