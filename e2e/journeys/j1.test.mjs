// J1 line by line: card storage, PIN, reveal, code once. One guest's card comes before its booking,
// is checked, seen and deleted; another's goes at its date.

import assert from "node:assert/strict";
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { after, before, test } from "node:test";
import { Demo, until } from "../lib/demo.mjs";
import { Person, openBrowser } from "../lib/browser.mjs";
import { AT, NUMBER, PIN, SETTINGS, WRONG_PIN, asksToSee, cardOfAProgram, invitation, linkOnly,
  notInAForeignFrame, oneCodeForTwo, sendCode, sendPin, toPinPage, weakPins,
  wrongCodes } from "../lib/cards.mjs";
import { signIn } from "../lib/story.mjs";
import { VAULT_WORDS } from "../lib/words.mjs";

const WORDS = VAULT_WORDS.fr;
const BRANDS = ["CB", "Visa", "Mastercard", "American Express"];
const MOBILE = "06 12 34 56 78";
const OLDER = "DOS-2026-000001";
/** A page that shows a number leaves by itself after a minute; a busy machine takes longer. */
const SHOWN_MS = 300_000;
/** What happens behind the pages is waited for this long. */
const PATIENCE_MS = 60_000;

let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser?.close());

/** Each line is a step of its own; after one that failed the others have nothing to stand on. */
function linesOf(t) {
  let failed = false;
  return (name, walk) => t.test(name, async (step) => {
    if (failed) return step.skip("an earlier line failed");
    failed = true;
    await walk();
    failed = false;
  });
}

test("J1: card storage, PIN, reveal, code once", { timeout: 900_000 }, async (t) => {
  const demo = await Demo.start({ arguments: ["--seed", "1", "--at", AT] });
  const line = linesOf(t);
  const first = { reference: "HOP-2026-118" };
  const second = { reference: "HOP-2026-119" };
  try {
    await demo.post("/demo/scene/J1", {});
    const claire = await Person.sit(browser, demo, { name: "j1" });
    await signIn(claire);
    let invited;
    await line("J1.01 cards are accepted, with brands", () => storageOn(claire));
    await line("J1.02 the code is shown once, with a reason", () => codeOnce(claire));
    await line("J1.03 the banner asks for a mobile, then sends", async () => {
      invited = await askForPin(claire);
    });
    await line("J1.04 wrong codes lock, a new code opens", async () => {
      invited = await lockedAndInvitedAgain(claire, invited);
    });
    await line("J1.05 weak PINs are refused, a good one is active", () => choosePin(claire, invited));
    await line("J1.06 a card comes before its booking", () => cardThenBooking(demo, first));
    await line("J1.07 the list says where cards stand", () => listOfBookings(claire, first));
    await line("J1.08 the card is verified", () => verified(claire, first));
    await line("J1.09 number and code are seen once", () => seenOnce(claire, first));
    await line("J1.10 the number is seen again, the code is not", () => seenAgain(claire, first));
    await line("J1.11 two browsers get one code", async () => {
      await cardThenBooking(demo, second);
      const other = await Person.sit(browser, demo, { name: "j1-other" });
      await oneCodeForTwo([claire, other], WORDS, second.page);
      await other.leave();
    });
    await line("J1.12 who may not see charges, a foreign page shows nothing", async () => {
      await malikMayNot(demo, first);
      await framed(claire, first);
    });
    await line("J1.13 a deleted card is gone", () => deleted(claire, first));
    await line("J1.14 a card goes at its date", () => goesAtItsDate(claire, second));
    await line("J1 common: books balance, no card data outside the vault", async () => {
      await demo.balanced();
      assert.deepEqual(claire.faults, []);
    });
    await claire.leave();
  } finally {
    await demo.stop();
  }
});

async function storageOn(claire) {
  await claire.go("/parametres");
  await claire.press("link", "Stockage des cartes", claire.page.getByRole("main"));
  await claire.sees("Stockage arrêté");
  await claire.look("off");
  await claire.tick("Accepter les cartes");
  assert.ok(await claire.find("radio", "Stockage des cartes").isChecked());
  for (const box of await brandBoxes(claire)) await box.uncheck();
  await claire.press("button", WORDS.save);
  const summary = claire.page.locator(".error-summary");
  await claire.sees(/marque, par exemple CB, Visa et Mastercard/, summary);
  await claire.look("no-brand");
  for (const name of BRANDS) await claire.tick(name);
  await claire.press("button", WORDS.save);
  await claire.sees(WORDS.saved);
  await claire.sees("Activez votre compte pour voir les cartes : recevoir mon code PIN");
  await claire.look("awaiting-pin");
}

function brandBoxes(claire) {
  return claire.find("group", "Marques acceptées").getByRole("checkbox").all();
}

async function codeOnce(claire) {
  const reason = "Notre acquéreur l'autorise pour nos garanties";
  assert.equal(reason.length, 45);
  await claire.tick(WORDS.once);
  await claire.type(WORDS.reason, "ok");
  await claire.type(WORDS.until, "2026-12-12");
  await claire.tick(WORDS.acquirer);
  await claire.press("button", WORDS.save);
  await claire.sees(WORDS.reasonShort, claire.page.locator(".error-summary"));
  await claire.look("reason");
  await claire.type(WORDS.reason, reason);
  await claire.tick(WORDS.acquirer);
  await claire.press("button", WORDS.save);
  await claire.sees(WORDS.saved);
  assert.equal(await claire.field(WORDS.until).inputValue(), "2026-12-12");
  await claire.look("once");
}

/** The banner is the button: it sends what stands in the form below it. */
async function askForPin(claire) {
  await claire.press("button", /^recevoir mon code PIN$/);
  const summary = claire.page.locator(".error-summary");
  await claire.use(summary.getByRole("link", { name: WORDS.phoneMissing }));
  const focused = () => claire.field(WORDS.phone).evaluate((node) => node === document.activeElement);
  await until("the link of the error leads to the field", focused, PATIENCE_MS);
  await claire.look("no-phone");
  assert.deepEqual(await claire.demo.inbox(), [], "nothing was sent");
  await claire.type(WORDS.email, claire.demo.user("owner").email);
  await claire.type(WORDS.phone, MOBILE);
  await claire.press("button", /^recevoir mon code PIN$/);
  await claire.sees(WORDS.sent);
  await claire.look("asked");
  const invited = await invitation(claire, WORDS);
  assert.equal((await claire.demo.inbox()).length, 2, "one mail and one text message");
  return invited;
}

async function lockedAndInvitedAgain(claire, invited) {
  await wrongCodes(claire, WORDS, invited);
  await claire.demo.clock("2026-06-15T09:30:00+02:00");
  await claire.go(SETTINGS);
  await claire.type(WORDS.phone, MOBILE);
  await claire.press("button", WORDS.ask);
  const again = await invitation(claire, WORDS, 2);
  await claire.go(again.link);
  await sendCode(claire, WORDS, invited.code);
  await claire.sees(WORDS.codeLeft(4));
  await sendCode(claire, WORDS, again.code);
  await claire.sees(WORDS.pin);
  await claire.look("choose");
  return again;
}

async function choosePin(claire, { link }) {
  await weakPins(claire, WORDS);
  for (const label of [WORDS.pin, WORDS.again]) await paste(claire, label, PIN);
  await claire.press("button", WORDS.savePin);
  await claire.sees(WORDS.active);
  await claire.look("active");
  await claire.go(SETTINGS);
  await claire.sees(WORDS.on);
  await claire.go(link);
  await claire.sees(WORDS.expired);
  await claire.look("used-link");
}

/** Puts a text in at one stroke, as pasting does. */
async function paste(person, label, text) {
  await person.field(label).click();
  await person.page.keyboard.insertText(text);
}

/** The program's card waits under its own name for the booking, which is then told with it. */
async function cardThenBooking(demo, guest) {
  guest.card = await cardOfAProgram(demo, guest.reference);
  await fromElsewhere(demo);
  const shop = demo.hotel.shop;
  const stay = { arrival: "2026-06-20", departure: "2026-06-22",
    guests: [{ bracket: "adult", count: 2 }] };
  const found = await demo.api("POST", "/v1/stays/search", { shop, ...stay });
  const { lodging, formula } = found.body.data[0];
  const contact = { last_name: "Weber", first_name: "Hans", email: "hans.weber@exemple.de" };
  const made = await demo.api("POST", "/v1/bookings", { shop, reference: guest.reference,
    lines: [{ lodging, formula, ...stay }], contact });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.equal(made.body.reference, guest.reference);
  guest.number = made.body.number;
  guest.page = `/reservations/${made.body.id}?onglet=carte`;
  const told = await until("the card is the booking's", async () => {
    const { body } = await demo.api("GET", `/v1/bookings/${made.body.id}`);
    return body.card.token && body;
  }, PATIENCE_MS);
  assert.equal(told.card.token, guest.card.token);
  assert.equal(told.card.cardVirtual, false);
  for (const answer of [made.body, told]) {
    assert.doesNotMatch(JSON.stringify(answer), /(?<![\w])\d{12}/, "no answer holds twelve digits");
  }
}

/** From an address of this machine that the key does not name nothing is taken. */
async function fromElsewhere(demo) {
  const all = Object.values(networkInterfaces()).flat();
  const elsewhere = all.find((one) => !one.internal && one.family === "IPv4")?.address;
  if (!elsewhere) return; // a machine without network has no other address
  const status = await new Promise((answered, failed) => {
    const asked = request(`${demo.vault}/v1/cards`, { method: "POST", localAddress: elsewhere,
      headers: { authorization: `Bearer ${demo.hotel.vault_key}`, "content-type": "application/json",
        "idempotency-key": "elsewhere" } }, (answer) => {
      answer.resume();
      answered(answer.statusCode);
    });
    asked.on("error", failed);
    asked.end(JSON.stringify({ shop: demo.hotel.shop, booking: "HOP-0", card: {} }));
  });
  assert.equal(status, 403);
}

async function listOfBookings(claire, { number }) {
  await claire.go("/reservations");
  const row = (name) => claire.find("row", name, claire.page.getByRole("table"));
  await claire.sees("Carte non vérifiée", row(number));
  assert.match(await row(OLDER).textContent(),
    /Aucune carte\s*: réservation antérieure à l'activation/);
  await claire.look("bookings");
  await claire.press("link", OLDER, claire.page.getByRole("table"));
  await claire.sees("Aucune carte : réservation antérieure à l'activation");
  assert.ok(await claire.has("link", "Demander une carte au client"));
  await claire.look("no-card");
}

async function verified(claire, { page }) {
  await claire.go(page);
  await claire.press("link", "Vérifier");
  await claire.look("verify");
  await claire.press("button", "Vérifier");
  const method = claire.find("region", "Mode de paiement");
  await until("the bank's answer stands on the booking", async () => {
    await claire.go(page);
    return method.getByText("Carte vérifiée").isVisible();
  }, PATIENCE_MS);
  for (const text of ["******0000", "06/2030", "Émetteur", WORDS.available]) {
    await claire.sees(text, method);
  }
  const deeds = method.getByRole("list").getByRole("link").or(method.getByRole("list").getByRole("button"));
  assert.equal((await deeds.first().innerText()).trim(), "Encaisser sans voir");
  assert.ok(await deeds.first().isEnabled());
  await claire.look("verified");
}

async function seenOnce(claire, guest) {
  guest.link = await toPinPage(claire, WORDS, guest.page);
  for (const text of ["Mastercard", "0000", WORDS.onlyOnce]) await claire.sees(text);
  await claire.look("pin");
  await claire.type(WORDS.yourPin, WRONG_PIN);
  await claire.press("button", new RegExp(`^${WORDS.number}$`));
  await claire.sees(WORDS.left(4));
  await claire.type(WORDS.yourPin, PIN);
  await claire.press("button", WORDS.numberAndCode);
  const shown = (await claire.words()).replace(/\s/g, " ");
  for (const text of [NUMBER, "06/30", "H. Weber", " 123 ", "Claire · 15/06/2026"]) {
    assert.ok(shown.includes(text), `${text}: ${shown}`);
  }
  await claire.look("shown");
  await claire.page.getByText(WORDS.over).first().waitFor({ timeout: SHOWN_MS });
  await claire.look("over");
  await claire.page.goBack().catch(() => {}); // the browser may say that it kept nothing
  await until("Back shows nothing", async () =>
    !/5207|H\. Weber/.test(await claire.page.content()), PATIENCE_MS);
}

async function seenAgain(claire, guest) {
  await toPinPage(claire, WORDS, guest.page);
  await claire.sees(WORDS.seen(WORDS.day));
  await claire.type(WORDS.yourPin, PIN);
  await claire.press("button", WORDS.number);
  await claire.sees(NUMBER);
  await claire.sees(WORDS.seen(WORDS.day));
  assert.equal(await claire.page.getByText(/^123$/).count(), 0);
  await claire.go(guest.page);
  await claire.sees(WORDS.seen(WORDS.day));
  await claire.look("seen");
  await claire.go(guest.link);
  await claire.sees(WORDS.expired);
  const link = await linkOnly(claire, guest.card);
  const now = Date.parse((await claire.demo.state()).clock);
  await claire.demo.clock(new Date(now + 120_000).toISOString());
  await claire.go(link);
  await claire.sees(WORDS.expired);
  await claire.look("expired");
}

/** Who lacks the right sees how to charge, and no way to see. */
async function malikMayNot(demo, { card, page }) {
  const malik = await Person.sit(browser, demo, { name: "j1-malik" });
  await signIn(malik, "reception");
  await malik.go(page);
  assert.ok(await malik.has("link", "Encaisser sans voir"));
  assert.ok(await malik.find("button", WORDS.see).isDisabled(), "the button is off");
  await malik.sees(WORDS.noRight);
  await malik.look("no-right");
  const answer = await asksToSee(malik, card);
  assert.equal(answer.status(), 403);
  assert.match(await answer.text(), WORDS.noRight);
  await malik.leave();
}

/** What a foreign page frames is written down, and serves its person afterwards. */
async function framed(claire, { card }) {
  const link = await linkOnly(claire, card);
  await notInAForeignFrame(claire, link);
  const told = await claire.demo.api("GET", `/v1/cards/${card.token}/accesses`);
  const refused = told.body.data.filter((one) => one.event === "link.opened" && !one.ok);
  assert.equal(refused.length, 1, JSON.stringify(told.body.data.map((one) => [one.event, one.ok])));
  await claire.go(link);
  await claire.sees(WORDS.yourPin);
}

async function deleted(claire, { card, page }) {
  await claire.go(page);
  await claire.press("link", "Supprimer");
  await claire.look("delete");
  await claire.press("button", /^Supprimer Mastercard \*+0000$/);
  await claire.sees("Aucune carte : supprimée par Claire");
  await claire.look("deleted");
  await goneForAll(claire.demo, card);
}

/** Nobody reads or charges it any more. */
async function goneForAll(demo, { token }) {
  const told = await demo.api("GET", `/v1/cards/${token}`);
  assert.equal(told.status, 410, JSON.stringify(told.body));
  const before = (await demo.operations()).length;
  const debit = await demo.api("POST", "/v1/payments", { shop: demo.hotel.shop,
    point_of_sale: demo.hotel.point_of_sale, card: token, amount: 500, currency: "EUR",
    order_ref: `APRES-${token.slice(-4)}` });
  assert.ok(debit.status >= 400 && debit.status < 500, JSON.stringify(debit.body));
  assert.equal((await demo.operations()).length, before, "the bank heard nothing");
}

async function goesAtItsDate(claire, { card, page }) {
  const { demo } = claire;
  await demo.clock("2026-06-25T23:50:00+02:00");
  await claire.go(page);
  await claire.sees("Effacée demain");
  await claire.look("countdown");
  await demo.clock("2026-06-26T00:10:00+02:00");
  await until("the card is gone at its date", async () => {
    await claire.go(page);
    return /Aucune carte\s*: effacée le 26\/06\/2026/.test(await claire.words());
  }, PATIENCE_MS);
  await claire.look("gone");
  await goneForAll(demo, card);
  const receipts = await demo.api("GET", `/v1/cards/${card.token}/receipts`);
  const numbers = receipts.body.data.filter((one) => one.what === "number");
  assert.equal(numbers.length, 1, JSON.stringify(receipts.body));
  assert.equal(Number((await demo.checked()).file_scan), 0);
}
