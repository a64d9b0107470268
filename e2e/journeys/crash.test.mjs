// The app, the vault or the bank is killed without warning at each step of the story: the story
// goes on from where it was, the books balance, and nothing is charged twice.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo } from "../lib/demo.mjs";
import { Person, openBrowser } from "../lib/browser.mjs";
import { Story } from "../lib/story.mjs";
import { CARDS, WORDS } from "../lib/words.mjs";

const words = WORDS.fr;
const TIME = { timeout: 240_000 };
let browser, demo;
let days = 20;

before(async () => {
  browser = await openBrowser();
  demo = await Demo.start();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Names of the steps, and how to do each. */
const STEPS = [
  ["offers", (story) => story.search()],
  ["contact", (story) => story.choose()],
  ["held", (story) => story.contact()],
  ["card page", (story) => story.toCardPage()],
  ["card given", (story) => story.card()],
  ["at the bank", (story) => story.toBank()],
  ["bank approved", (story) => story.atBank(words.approve)],
];

for (const victim of ["app", "vault", "bank"]) {
  test(`${victim} killed after each step`, TIME, async () => {
    for (let at = 0; at < STEPS.length; at += 1) {
      const guest = await Person.sit(browser, demo, { name: `crash-${victim}-${at}`, width: 1280 });
      const story = new Story(guest, (days += 3));
      for (const [step, [, act]] of STEPS.entries()) {
        await act(story);
        if (step === at) {
          await demo.kill(victim);
          await guest.page.reload().catch(() => {});
          guest.faults.length = 0; // the browser says that the server was away
        }
      }
      await story.receipt();
      await demo.balanced();
      await chargedOnce(story, `${victim} killed after "${STEPS[at][0]}"`);
      await guest.leave();
    }
  });
}

for (const victim of ["app", "vault", "bank"]) {
  test(`${victim} killed while the card is on its way`, TIME, async () => {
    for (const delay of [0, 5, 20, 60, 150, 400]) {
      const guest = await Person.sit(browser, demo, { name: `race-${victim}-${delay}` });
      const story = new Story(guest, (days += 3));
      await story.search();
      await story.choose();
      await story.contact();
      await story.toCardPage();
      const page = guest.page.url();
      const sent = story.card(CARDS.accepted).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, delay));
      await demo.kill(victim);
      await sent;
      guest.faults.length = 0;
      await settle(story, page);
      await demo.balanced();
      await chargedOnce(story, `${victim} killed ${delay} ms after the click`);
      await guest.leave();
    }
  });
}

/** Does what a guest does after a page that did not load: reloads, goes back, tries again. */
async function settle(story, cardPage) {
  const { page } = story.person;
  for (let tries = 0; tries < 40; tries += 1) {
    if (/\/r\//.test(page.url()) && (await page.locator("h1").count())) return;
    const wait = new Promise((resolve) => setTimeout(resolve, 500));
    const onCardPage = await page.getByLabel(words.code).count().catch(() => 0);
    if (onCardPage) await story.card(CARDS.accepted).catch(() => {});
    else if (page.url().startsWith("chrome-error:")) await page.goto(cardPage).catch(() => {});
    else await page.reload().catch(() => {});
    const again = story.person.find("link", words.retry).or(story.person.find("button", words.retry));
    if (await again.count().catch(() => 0)) await again.first().click().catch(() => {});
    await wait;
  }
  await story.person.picture("unsettled");
  assert.fail(`no receipt after the crash: ${page.url()}\n${await story.person.words()}`);
}

/** Each authorisation at the bank has a reference of its own; approved for the deposit: one. */
async function chargedOnce(story, when) {
  const done = (await demo.operations()).filter((one) => one.state === "approved");
  const of = (kinds) => done.filter((one) => kinds.includes(one.kind)
    && Number(one.amount) === story.deposit);
  const taken = of(["authorise", "authorisation", "purchase"]).length - of(["void", "refund"]).length;
  story.constructor.taken = (story.constructor.taken ?? 0) + 1;
  assert.ok(taken >= 1, `${when}: the deposit was taken`);
  const refs = done.map((one) => `${one.kind} ${one.ref}`);
  assert.equal(new Set(refs).size, refs.length, `${when}: no operation was sent twice`);
}
