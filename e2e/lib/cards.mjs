// What is done again and again with kept cards: a PIN is asked for and chosen, a card comes from a
// program, a page of the vault is opened.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { until } from "./demo.mjs";

export const AT = "2026-06-15T09:00:00+02:00";
export const PIN = "47120938";
export const WRONG_PIN = "47120939";
export const NUMBER = "5207 0000 0000 0000";
export const SETTINGS = "/parametres/cartes";

/** The link of the mail and the code of the text message, each alone. */
export async function invitation(person, words, count = 1) {
  const all = await until("mail and text message", async () => {
    const inbox = await person.demo.inbox();
    const sent = (kind, text) => inbox.filter((one) => one.kind === kind
      && (one.subject + one.text).includes(text));
    const [mails, texts] = [sent("mail", words.mail), sent("sms", words.sms)];
    return mails.length === count && texts.length === count && { mails, texts };
  }, 60_000);
  const [mail, sms] = [all.mails[0], all.texts[0]];
  assert.equal(mail.links.length, 1);
  assert.ok(mail.links[0].startsWith(`${person.demo.vault}/v/p/`), mail.links[0]);
  assert.doesNotMatch(mail.text, /\d{8}/, "no code in the mail");
  assert.equal(sms.links.length, 0, "no link in the text message");
  return { link: mail.links[0], code: sms.text.match(/\d{8}/)[0] };
}

/** Five wrong codes: the door is shut for half an hour, and its owner is told. */
export async function wrongCodes(person, words, { link }) {
  await person.go(link);
  for (const left of [4, 3, 2, 1]) {
    await sendCode(person, words, "00000000");
    await person.sees(words.codeLeft(left));
  }
  await person.look("wrong-code");
  await sendCode(person, words, "00000000");
  await person.sees(words.locked);
  await person.look("locked");
  await until("the mail of refused codes", async () =>
    (await person.demo.inbox()).some((one) => one.subject === words.codesRefused), 60_000);
}

export async function sendCode(person, words, code) {
  await person.type(words.code, code);
  await person.press("button", words.next);
}

export async function sendPin(person, words, pin, again = pin) {
  await person.type(words.pin, pin);
  await person.type(words.again, again);
  await person.press("button", words.savePin);
}

/** Every weak PIN is refused with its reason. */
export async function weakPins(person, words) {
  const refusals = [["1234567", words.eight], ["1234567a", words.eight],
    ["12345678", words.sequence], ["11111111", words.three], ["24121985", words.date],
    ["24150123", words.contact]];
  for (const [pin, why] of refusals) {
    await sendPin(person, words, pin);
    await person.sees(why, person.page.locator(".error-summary"));
  }
  await person.look("weak");
  await sendPin(person, words, PIN, WRONG_PIN);
  await person.sees(words.differ);
}

/** A program gives a card with its code; the same key again gives the same token. */
export async function cardOfAProgram(demo, booking) {
  const body = { booking, card: { number: NUMBER.replaceAll(" ", ""), exp_month: 6,
    exp_year: 2030, holder: "H. Weber", security_code: "123" } };
  const made = await demo.vaultApi("POST", "/v1/cards", body, `key-${booking}`);
  assert.equal(made.status, 201, made.text);
  const again = await demo.vaultApi("POST", "/v1/cards", body, `key-${booking}`);
  assert.equal(again.body.token, made.body.token, "the same key gives the same token");
  assert.match(made.body.token, /^card_/);
  assert.equal(made.body.cardVirtual, false);
  assert.doesNotMatch(made.text, /\d{12}/, "no answer holds twelve digits in a row");
  const jcb = { ...body.card, number: "3566002020360505" };
  const refused = await demo.vaultApi("POST", "/v1/cards", { booking: "HOP-JCB", card: jcb });
  assert.equal(refused.status, 422, refused.text);
  assert.equal(refused.body.errors?.[0]?.code ?? refused.body.code, "brand_not_accepted", refused.text);
  return made.body;
}

/** From a page that shows the card to the PIN page of the vault. */
export async function toPinPage(person, words, page) {
  await person.go(page);
  await person.press("button", words.see);
  assert.ok(person.page.url().startsWith(`${person.demo.vault}/v/r/`), person.page.url());
  return person.page.url();
}

/** Asks for a link without following it. */
export async function linkOnly(person, card) {
  const answer = await asksToSee(person, card);
  assert.equal(answer.status(), 303, await answer.text());
  return answer.headers().location;
}

/** The request of the button "Voir la carte", by hand. */
export function asksToSee(person, card) {
  return person.context.request.post(`${person.demo.app}/cartes/${card.token}/voir`, {
    form: { mode: "test" },
    maxRedirects: 0,
    headers: { origin: person.demo.app, "sec-fetch-site": "same-origin" },
  });
}

/** Two browsers of one person, each with its own link, send in the same second. */
export async function oneCodeForTwo([one, other], words, page) {
  await other.context.addCookies(await one.context.cookies());
  for (const person of [one, other]) {
    await toPinPage(person, words, page);
    await person.type(words.yourPin, PIN);
  }
  // Each page is read as soon as it is there: the one with the code leaves by itself.
  const said = await Promise.all([one, other].map(async (person) => {
    await person.press("button", words.numberAndCode);
    return person.words();
  }));
  const shows = said.filter((text) => /^123$/m.test(text));
  // Who comes while the other still holds the code is told that it is in use.
  const late = said.filter((text) => /CVV vu\/utilisé|Code en cours d'utilisation/.test(text));
  assert.deepEqual([shows.length, late.length], [1, 1], said.join("\n---\n"));
  assert.ok(said.every((text) => text.replace(/\s/g, " ").includes(NUMBER)), "the number for both");
}

/** A page of another origin, on a server of its own, shows nothing of a fresh link. */
export async function notInAForeignFrame(person, link) {
  const html = `<!doctype html><title>Elsewhere</title><iframe src="${link}"></iframe>`;
  const server = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(html);
  });
  await once(server.listen(0, "127.0.0.4"), "listening");
  const page = await person.context.newPage();
  await page.goto(`http://127.0.0.4:${server.address().port}/`);
  const [, frame] = page.frames();
  assert.doesNotMatch(await frame.content(), /type="password"/, "no PIN is asked there");
  await page.close();
  server.close();
  server.closeAllConnections();
}
