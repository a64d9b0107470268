// J1: cards are kept, one person chooses a PIN, sees a number, and a security code once: line by
// line, as far as a browser sees it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo, until } from "../lib/demo.mjs";
import { Person, openBrowser } from "../lib/browser.mjs";
import { signIn } from "../lib/story.mjs";
import { VAULT_WORDS } from "../lib/words.mjs";

const AT = "2026-06-15T09:00:00+02:00";
const PIN = "47120938";
const OTHER_PIN = "83052714";
const NUMBER = "5207 0000 0000 0000";
const SETTINGS = "/parametres/cartes";
const TIME = { timeout: 240_000 };

let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser?.close());

const VARIANTS = [
  { language: "fr", width: 1280, keyboard: true },
  { language: "fr", width: 320, dark: true },
  { language: "en", width: 1280 },
];

for (const variant of VARIANTS) {
  test(`a card is seen, ${variant.language}, ${variant.width} px`, TIME, async () => {
    const demo = await Demo.start({ arguments: ["--at", AT] });
    try {
      const claire = await Person.sit(browser, demo, { ...variant, name: "vault" });
      const words = VAULT_WORDS[claire.language];
      await signIn(claire);
      await brandsAndCode(claire, words);
      await askForPin(claire, words);
      await choosePin(claire, words, await invitation(claire, words));
      const card = await cardOfAProgram(demo, "HOP-2026-118");
      await seeCodeOnce(claire, words, card);
      await seeNumberAgain(claire, words, card);
      await changePin(claire, words);
      await blockEverything(claire, words, card);
      await demo.balanced();
      await claire.leave();
    } finally {
      await demo.stop();
    }
  });
}

/** No brand is refused; the code is kept for one showing only with a reason. */
async function brandsAndCode(claire, words) {
  await claire.go(SETTINGS);
  await claire.look("settings");
  const brands = claire.page.locator("input[name^=brand-]");
  for (const box of await brands.all()) await box.uncheck();
  await claire.press("button", words.save);
  await claire.sees(words.brandsMissing);
  await claire.look("no-brand");
  for (const name of ["CB", "Visa", "Mastercard", "American Express"]) await claire.tick(name);
  await claire.press("button", words.save);
  await claire.sees(words.saved);
  await claire.sees(words.banner);

  await claire.tick(words.once);
  await claire.type(words.reason, "ok");
  await claire.type(words.until, "2026-12-12");
  await claire.tick(words.acquirer);
  await claire.press("button", words.save);
  await claire.sees(words.reasonShort, claire.page.locator(".error-summary"));
  await claire.look("reason");
  await claire.type(words.reason, "Notre acquéreur l'autorise pour les garanties");
  await claire.tick(words.acquirer);
  await claire.press("button", words.save);
  await claire.sees(words.saved);
  assert.equal(await claire.field(words.until).inputValue(), "2026-12-12");
  await claire.look("once");
}

/** Without a mobile nothing is sent; with it, one mail and one text message. */
async function askForPin(claire, words) {
  const { demo } = claire;
  await claire.go("/cartes");
  await claire.sees(words.banner);
  await claire.look("banner");
  await claire.press("link", words.bannerLink);
  await claire.press("button", words.ask);
  await claire.sees(words.phoneMissing, claire.page.locator(".error-summary"));
  await claire.look("no-phone");
  assert.deepEqual(await demo.inbox(), [], "nothing was sent");
  await claire.type(words.phone, "06 12 34 56 78");
  await claire.press("button", words.ask);
  await claire.sees(words.sent);
  await claire.look("asked");
}

/** The link of the mail and the code of the text message, each alone. */
async function invitation(claire, words, count = 1) {
  const all = await until("mail and text message", async () => {
    const inbox = await claire.demo.inbox();
    const sent = (kind, text) => inbox.filter((one) => one.kind === kind
      && (one.subject + one.text).includes(text));
    const [mails, texts] = [sent("mail", words.mail), sent("sms", words.sms)];
    return mails.length === count && texts.length === count && { mails, texts };
  });
  const [mail, sms] = [all.mails[0], all.texts[0]];
  assert.equal(mail.links.length, 1);
  assert.ok(mail.links[0].startsWith(`${claire.demo.vault}/v/p/`), mail.links[0]);
  assert.doesNotMatch(mail.text, /\d{8}/, "no code in the mail");
  assert.equal(sms.links.length, 0, "no link in the text message");
  return { link: mail.links[0], code: sms.text.match(/\d{8}/)[0] };
}

/** Types the code; every weak PIN is refused with its reason, a good one is active. */
async function choosePin(claire, words, { link, code }) {
  await claire.go(link);
  await claire.sees(words.code);
  await claire.look("code");
  await sendCode(claire, words, code);
  await claire.look("choose");
  const refusals = [["1234567", words.eight], ["1234567a", words.eight],
    ["12345678", words.sequence], ["11111111", words.three], ["24121985", words.date],
    ["24150123", words.contact]];
  for (const [pin, why] of refusals) {
    await sendPin(claire, words, pin);
    await claire.sees(why, claire.page.locator(".error-summary"));
  }
  await claire.look("weak");
  await sendPin(claire, words, PIN, "47120939");
  await claire.sees(words.differ);
  await sendPin(claire, words, PIN);
  await claire.sees(words.active);
  await claire.look("active");
  await claire.go(link);
  await claire.sees(words.expired);
  await claire.look("used-link");
  await claire.go(SETTINGS);
  await claire.sees(words.on);
}

async function sendCode(claire, words, code) {
  await claire.type(words.code, code);
  await claire.press("button", words.next);
}

async function sendPin(claire, words, pin, again = pin) {
  await claire.type(words.pin, pin);
  await claire.type(words.again, again);
  await claire.press("button", words.savePin);
}

/** A program gives a card with its code; the same key again gives the same token. */
async function cardOfAProgram(demo, booking) {
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

/** From the list to the PIN page of the vault. */
async function toPinPage(claire, words, card) {
  await claire.go(`/cartes/${card.token}`);
  await claire.press("button", words.see);
  assert.ok(claire.page.url().startsWith(`${claire.demo.vault}/v/r/`), claire.page.url());
  return claire.page.url();
}

/** A wrong PIN is counted; the right one shows number and code, for once. */
async function seeCodeOnce(claire, words, card) {
  await claire.go("/cartes");
  await claire.sees(words.unverified);
  await claire.look("list");
  await claire.press("link", /0000/, claire.page.getByRole("table"));
  await claire.sees(words.available);
  assert.ok(await claire.has("button", words.see));
  await claire.look("card");
  claire.firstLink = await toPinPage(claire, words, card);
  await claire.sees("Mastercard");
  await claire.sees("0000");
  await claire.sees(words.onlyOnce);
  assert.ok(await claire.has("link", words.charge));
  await claire.look("pin");
  await claire.type(words.yourPin, "47120939");
  await claire.press("button", new RegExp(`^${words.number}$`));
  await claire.sees(words.left(4));
  await claire.look("wrong");
  await claire.type(words.yourPin, PIN);
  await claire.press("button", words.numberAndCode);
  for (const text of [NUMBER, "06/30", "H. Weber", /^123$/, /Claire · 15\/06\/2026/]) {
    await claire.sees(text);
  }
  await claire.look("shown");
  await claire.press("link", words.close);
  await claire.sees(words.over);
  await claire.look("over");
  await claire.page.goBack().catch(() => {}); // the browser may say that it kept nothing
  await until("Back shows nothing", async () =>
    !/5207|H\. Weber/.test(await claire.page.content()));
  await claire.go(`/cartes/${card.token}`);
  await claire.sees(words.seen(words.day));
  await claire.look("card-after");
}

/** The number again, the code never; links that were used or waited too long are over. */
async function seeNumberAgain(claire, words, card) {
  const { demo } = claire;
  await toPinPage(claire, words, card);
  await claire.sees(words.seen(words.day));
  assert.ok(!await claire.has("button", words.numberAndCode), "no code is offered any more");
  await claire.type(words.yourPin, PIN);
  await claire.press("button", words.number);
  await claire.sees(NUMBER);
  await claire.sees(words.seen(words.day));
  assert.equal(await claire.page.getByText(/^123$/).count(), 0);
  await claire.look("shown-again");
  await claire.go(claire.firstLink);
  await claire.sees(words.over);

  await claire.go(`/cartes/${card.token}`);
  const link = await linkOnly(claire, card);
  const now = Date.parse((await demo.state()).clock);
  await demo.clock(new Date(now + 120_000).toISOString());
  await claire.go(link);
  await claire.sees(words.expired);
  await claire.look("expired");
}

/** Who knows his PIN gives himself another; no code is sent. */
async function changePin(claire, words) {
  await claire.go(SETTINGS);
  await claire.press("button", words.change);
  await claire.look("change");
  const send = async (old, pin) => {
    await claire.type(words.oldPin, old);
    await sendPin(claire, words, pin);
  };
  await send("47120939", OTHER_PIN);
  await claire.sees(words.left(4), claire.page.locator(".error-summary"));
  await claire.look("change-wrong");
  await send(PIN, OTHER_PIN);
  await claire.sees(words.changed);
  await claire.look("changed");
  await claire.press("link", words.back);
  await claire.sees(words.pinActive);
}

/** One person shuts everything at once; lifting it takes a second one. */
async function blockEverything(claire, words, card) {
  const open = await linkOnly(claire, card);
  await claire.go(SETTINGS);
  await claire.press("button", words.block);
  await claire.sees(words.why, claire.page.locator(".error-summary"));
  await claire.type(words.whyLabel, "Ordinateur volé");
  await claire.press("button", words.block);
  await claire.sees(words.blocked);
  await claire.look("blocked");
  await claire.go(open);
  await claire.sees(words.cancelled);
  await claire.look("blocked-link");
  await claire.go(`/cartes/${card.token}`);
  assert.ok(await claire.find("button", words.see).isDisabled());
  await claire.look("blocked-card");
  await claire.go(SETTINGS);
  await claire.press("button", words.lift);
  await claire.sees(words.half);
  await claire.sees(words.blocked);
  await claire.look("half-lifted");
}

/** Asks for a link without following it. */
async function linkOnly(claire, card) {
  const answer = await claire.context.request.post(`${claire.demo.app}/cartes/${card.token}/voir`, {
    maxRedirects: 0, headers: { origin: claire.demo.app, "sec-fetch-site": "same-origin" },
  });
  assert.equal(answer.status(), 303, await answer.text());
  return answer.headers().location;
}

test("wrong codes lock, two browsers get one code, others are kept out, fr", TIME, async () => {
  const demo = await Demo.start({ arguments: ["--at", AT] });
  try {
    const claire = await Person.sit(browser, demo, { name: "vault-guard" });
    const words = VAULT_WORDS.fr;
    await signIn(claire);
    await brandsAndCode(claire, words);
    await askForPin(claire, words);
    const first = await invitation(claire, words);
    await wrongCodes(claire, words, first);
    await demo.clock("2026-06-15T09:30:00+02:00");
    await claire.go(SETTINGS);
    await claire.type(words.phone, "06 12 34 56 78");
    await claire.press("button", words.ask);
    const second = await invitation(claire, words, 2);
    await claire.go(second.link);
    await sendCode(claire, words, first.code);
    await claire.sees(words.codeLeft(4));
    await choosePin(claire, words, second);
    await oneCodeForTwo(claire, words, await cardOfAProgram(demo, "HOP-2026-119"));
    const card = await cardOfAProgram(demo, "HOP-2026-120");
    await malikMayNot(demo, words, card);
    await notInAForeignFrame(claire, words, card);
    await removed(claire, words, card);
    await demo.balanced();
    await claire.leave();
  } finally {
    await demo.stop();
  }
});

async function wrongCodes(claire, words, { link }) {
  await claire.go(link);
  for (const left of [4, 3, 2, 1]) {
    await sendCode(claire, words, "00000000");
    await claire.sees(words.codeLeft(left));
  }
  await claire.look("wrong-code");
  await sendCode(claire, words, "00000000");
  await claire.sees(words.locked);
  await claire.look("locked");
  await until("the mail of refused codes", async () =>
    (await claire.demo.inbox()).some((one) => one.subject === words.codesRefused));
}

/** Two browsers of one person, each with its own link, send in the same second. */
async function oneCodeForTwo(claire, words, card) {
  const other = await Person.sit(browser, claire.demo, { name: "vault-other" });
  await other.context.addCookies(await claire.context.cookies());
  for (const person of [claire, other]) {
    await toPinPage(person, words, card);
    await person.type(words.yourPin, PIN);
  }
  await Promise.all([claire, other].map((one) => one.press("button", words.numberAndCode)));
  const said = await Promise.all([claire, other].map((one) => one.words()));
  const shows = said.filter((text) => /^123$/m.test(text));
  // Who comes while the other still holds the code is told that it is in use.
  const late = said.filter((text) => /CVV vu\/utilisé|Code en cours d'utilisation/.test(text));
  assert.deepEqual([shows.length, late.length], [1, 1], said.join("\n---\n"));
  assert.ok(said.every((text) => text.replace(/\s/g, " ").includes(NUMBER)), "the number for both");
  await other.leave();
}

/** Who lacks the right sees how to charge, and no way to see. */
async function malikMayNot(demo, words, card) {
  const malik = await Person.sit(browser, demo, { name: "vault-malik" });
  await signIn(malik, "reception");
  await malik.go(`/cartes/${card.token}`);
  assert.ok(await malik.find("button", words.see).isDisabled(), "the button is off");
  await malik.sees(words.noRight);
  await malik.look("no-right");
  const answer = await malik.context.request.post(`${demo.app}/cartes/${card.token}/voir`, {
    maxRedirects: 0, headers: { origin: demo.app, "sec-fetch-site": "same-origin" },
  });
  assert.equal(answer.status(), 403);
  assert.match(await answer.text(), words.noRight);
  await malik.leave();
}

/** A page of another origin shows nothing of a fresh link. */
async function notInAForeignFrame(claire, words, card) {
  const link = await linkOnly(claire, card);
  const page = await claire.context.newPage();
  await page.goto(`${claire.demo.bank}/health`);
  await page.evaluate((src) => new Promise((loaded) => {
    const frame = document.createElement("iframe");
    frame.addEventListener("load", loaded);
    frame.src = src;
    document.body.append(frame);
  }), link);
  const [, frame] = page.frames();
  assert.doesNotMatch(await frame.content(), /type="password"/, "no PIN is asked there");
  await page.close();
}

async function removed(claire, words, card) {
  await toPinPage(claire, words, card);
  await claire.type(words.yourPin, PIN);
  await claire.press("button", words.remove);
  await claire.sees(words.removed);
  await claire.look("removed");
  const told = await claire.demo.api("GET", `/v1/cards/${card.token}`);
  assert.equal(told.status, 410, JSON.stringify(told.body));
  const debit = await claire.demo.api("POST", "/v1/payments", { shop: claire.demo.hotel.shop,
    point_of_sale: claire.demo.hotel.point_of_sale, card: card.token, amount: 500,
    currency: "EUR", order_ref: "APRES" });
  assert.ok(debit.status >= 400 && debit.status < 500, JSON.stringify(debit.body));
  assert.equal((await claire.demo.operations()).length, 0, "the bank heard nothing");
}
