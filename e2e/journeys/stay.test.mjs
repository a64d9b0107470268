// A stay is booked, paid with strong authentication, kept, charged, refunded: in two languages,
// on a phone and on a wide screen, with the mouse and by keyboard alone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo, until } from "../lib/demo.mjs";
import { Person, openBrowser } from "../lib/browser.mjs";
import { Story, actAndConfirm, openBooking, openPayment, signIn } from "../lib/story.mjs";
import { CARDS, WORDS, written } from "../lib/words.mjs";

let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser?.close());

const VARIANTS = [
  { language: "fr", width: 320, keyboard: false },
  { language: "en", width: 1280, keyboard: true },
  { language: "fr", width: 1280, keyboard: true, dark: true },
  { language: "en", width: 320, keyboard: false, dark: true },
];

for (const variant of VARIANTS) {
  const { language, width } = variant;
  const words = WORDS[language];

  test(`the story of a stay, ${language}, ${width} px`, { timeout: 480_000 }, async () => {
    const demo = await Demo.start();
    try {
      const guest = await Person.sit(browser, demo, { ...variant, name: "guest" });
      const story = new Story(guest);
      await story.toReceipt();
      await demo.balanced();

      const claire = await Person.sit(browser, demo, { ...variant, name: "staff" });
      await signIn(claire);
      await openBooking(claire, story.number);
      await claire.sees(words.firm);
      await claire.sees(/1003/);
      await openPayment(claire, `${story.number}/1`);
      await claire.sees(words.timeline);
      await claire.sees(words.captured);

      await chargeBalance(claire, story);
      await refundPart(claire, story);
      await cancelAnother(claire, demo);
      await moneyIsWhereItIsSaid(demo, story);
      await guest.leave();
      await claire.leave();
    } finally {
      await demo.stop();
    }
  });
}

async function chargeBalance(claire, story) {
  const words = WORDS[claire.language];
  await openBooking(claire, story.number);
  await actAndConfirm(claire, words.chargeBalance);
  await openPayment(claire, `${story.number}/2`);
  await claire.sees(written(story.balance, claire.language));
  await claire.sees(words.captured);
}

async function refundPart(claire, story) {
  const words = WORDS[claire.language];
  await openPayment(claire, `${story.number}/1`);
  await actAndConfirm(claire, words.refund, async () => {
    const amount = claire.language === "fr" ? "20,00" : "20.00";
    await claire.type(words.amount, amount);
    const reason = claire.field(words.reason);
    if (await reason.count()) await claire.type(words.reason, "Petit déjeuner non servi");
  });
  await claire.sees(words.refunded);
  await claire.sees(written(story.deposit - 2000, claire.language));
}

/** A payment that was only authorised is cancelled, on second thoughts; nothing is left of it. */
async function cancelAnother(claire, demo) {
  const words = WORDS[claire.language];
  const card = await demo.addCard(CARDS.accepted);
  const made = await demo.api("POST", "/v1/payments", {
    shop: demo.hotel.shop, point_of_sale: demo.hotel.point_of_sale, card: card.token,
    amount: 4200, currency: "EUR", order_ref: "CAUTION-1", capture: "manual",
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.equal(made.body.status, "authorised", JSON.stringify(made.body));
  await openPayment(claire, "CAUTION-1");
  await actAndConfirm(claire, words.cancel);
  await claire.press("button", words.undo);
  await actAndConfirm(claire, words.cancel);
  await until("the authorisation is released", async () => {
    const done = await demo.operations();
    return done.some((one) => one.kind === "void" && one.state === "approved");
  });
  await claire.sees(words.cancelled); // the page shows itself anew until then
}

async function moneyIsWhereItIsSaid(demo, story) {
  await demo.balanced();
  const done = await until("what the bank did", () => demo.operations());
  const sum = (kind) => done.filter((one) => one.kind === kind && one.state === "approved")
    .reduce((total, one) => total + Number(one.amount), 0);
  assert.equal(sum("refund"), 2000, "the bank gave 20.00 back, once");
  const taken = done.filter((one) => ["capture", "authorise", "authorisation"].includes(one.kind)
    && one.state === "approved");
  const amounts = new Set(taken.map((one) => Number(one.amount)));
  assert.ok(amounts.has(story.deposit) && amounts.has(story.balance), JSON.stringify(done));
}

test("the story works without scripts", { timeout: 480_000 }, async () => {
  const demo = await Demo.start();
  try {
    const guest = await Person.sit(browser, demo, { name: "noscript", scripts: false });
    await new Story(guest).toReceipt();
    await demo.balanced();
  } finally {
    await demo.stop();
  }
});
