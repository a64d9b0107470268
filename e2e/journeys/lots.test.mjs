// Several bookings at once, by the keyboard with scripts and on a phone without them: what is left
// of them is charged on the cards kept, one of them is called off, and each line says how it went.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo, until } from "../lib/demo.mjs";
import { Person, openBrowser } from "../lib/browser.mjs";
import { Story, signIn } from "../lib/story.mjs";
import { CARDS } from "../lib/words.mjs";

const TIME = { timeout: 480_000 };
const WAYS = [
  { language: "fr", width: 1280, keyboard: true, charge: "Encaisser le solde", done: "Fait",
    sure: /^Encaisser 2 soldes/, cancel: "Annuler", sureToCancel: /^Annuler 1 réservation/,
    why: "Il ne reste rien à encaisser.", nothing: "Rien n'est remboursé automatiquement",
    results: "Voir le résultat, ligne par ligne", again: "Retapez le total" },
  { language: "en", width: 320, scripts: false, charge: "Charge the balance", done: "Done",
    sure: /^Charge 2 balances/, cancel: "Cancel", sureToCancel: /^Cancel 1 booking/,
    why: "Nothing is left to charge.", nothing: "Nothing is refunded by itself",
    results: /row by row/, again: "Type the total again" },
];
let browser, demo;
let days = 30;

before(async () => {
  browser = await openBrowser();
  demo = await Demo.start();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** A guest who paid his deposit and left his card; gives the number of his booking. */
async function booked(lastName) {
  const guest = await Person.sit(browser, demo, { hurried: true });
  const story = new Story(guest, (days += 3));
  await story.search();
  await story.choose();
  await story.contact({ lastName });
  await story.toCardPage();
  await story.card(CARDS.accepted);
  await story.passBank();
  await story.receipt();
  await guest.leave();
  return story.number;
}

for (const way of WAYS) {
  const name = `bookings at once (${way.language}, ${way.width} px)`;
  test(name, TIME, async () => {
    const numbers = [await booked("Exemple"), await booked("Weber")];
    const clerk = await Person.sit(browser, demo, { name: "lots", ...way });
    await signIn(clerk);
    await clerk.go("/reservations");
    await clerk.look("list");
    for (const number of numbers) await clerk.tick(number);
    await clerk.press("button", way.charge);
    await clerk.sees(numbers[0]);
    await clerk.look("charge");
    const hint = clerk.page.locator("#again-hint");
    if (await hint.count()) {
      const total = (await hint.innerText()).match(/\d[\d.,\s]*\d/)[0];
      await clerk.type(way.again, total);
    }
    await clerk.press("button", way.sure);
    await clerk.look("run");
    await until("the lot is done", async () => {
      await clerk.page.reload();
      return clerk.has("link", way.results);
    });
    await until("every line is done", async () => {
      await clerk.press("link", way.results);
      const done = await clerk.page.locator(".chip.ok").count();
      if (done < 2) await clerk.page.goBack();
      return done === 2;
    });
    await clerk.look("result");

    await clerk.go("/reservations");
    await clerk.tick(numbers[1]);
    await clerk.press("button", way.charge);
    await clerk.sees(way.why);
    await clerk.look("left-out");
    await clerk.go("/reservations");
    await clerk.tick(numbers[1]);
    await clerk.press("button", new RegExp(`^${way.cancel}$`));
    await clerk.sees(way.nothing);
    await clerk.look("cancel");
    await clerk.leave();
    const balances = (await demo.operations()).filter((one) => one.kind === "authorise");
    assert.equal(balances.length % 4, 0, "two deposits and two balances each time");
    await demo.balanced();
  });
}
