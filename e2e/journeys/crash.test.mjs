// The app, the vault or the bank is killed without warning at each step of the story: the story
// goes on from where it was, the books balance, and nothing is charged twice.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo, pause } from "../lib/demo.mjs";
import { Person, openBrowser } from "../lib/browser.mjs";
import { Story } from "../lib/story.mjs";
import { WORDS } from "../lib/words.mjs";

const words = WORDS.fr;
const TIME = { timeout: 900_000 };
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

// Each engine takes every second step and every second moment, so that both together take them all.
const ON_SERVER = Boolean(process.env.GUICHET_TEST_POSTGRES);
const FIRST_STEP = ON_SERVER ? 1 : 0;

for (const victim of ["app", "vault", "bank"]) {
  test(`${victim} killed after every second step`, TIME, async () => {
    for (let at = FIRST_STEP; at < STEPS.length; at += 2) {
      const name = `crash-${victim}-${at}`;
      const guest = await Person.sit(browser, demo, { name, hurried: true });
      const story = new Story(guest, (days += 3));
      const before = await known();
      for (const [step, [, act]] of STEPS.entries()) {
        await act(story);
        if (step === at) {
          await demo.kill(victim);
          await guest.page.reload().catch(() => {});
          guest.faults.length = 0; // the browser says that the server was away
        }
      }
      // A vault that was killed has forgotten the security code: the guest types it again.
      await settle(story, guest.page.url());
      await story.receipt();
      await demo.balanced();
      await chargedOnce(before, `${victim} killed after "${STEPS[at][0]}"`);
      await guest.leave();
    }
  });
}

const RACES = [
  ["the card is on its way", async (story) => () => story.card()],
  ["the bank's yes is on its way", async (story) => {
    await story.card();
    await story.toBank();
    return () => story.atBank(words.approve);
  }],
];

/** In milliseconds. */
const DELAYS = ON_SERVER ? [5, 60, 400] : [0, 20, 150];

for (const victim of ["app", "vault", "bank"]) {
  for (const [moment, act] of RACES) {
    test(`${victim} killed while ${moment}`, TIME, async () => {
      for (const delay of DELAYS) {
        const name = `race-${victim}-${delay}`;
        const guest = await Person.sit(browser, demo, { name, hurried: true });
        const story = new Story(guest, (days += 3));
        const before = await known();
        await story.search();
        await story.choose();
        await story.contact();
        await story.toCardPage();
        const page = guest.page.url();
        const last = await act(story);
        const sent = last().catch(() => {});
        await pause(delay);
        await demo.kill(victim);
        await sent;
        guest.faults.length = 0;
        const when = `${victim} killed ${delay} ms after ${moment}`;
        const isSettled = await settle(story, page, before);
        await demo.balanced();
        await (isSettled ? chargedOnce(before, when) : neverHeard(before, when));
        await guest.leave();
      }
    });
  }
}

/** The bank is asked 5 s after a call was cut off, and again after 30 s when it was not sure; a step of
    the guest that leads nowhere takes a minute. */
const SETTLED_MS = 120_000;

/**
 * Does what a guest does after a page that did not load: reloads, goes back, tries again. Whether
 * he came to his receipt: of a call that died before the bank heard it, the bank's "not found" is
 * believed after a quarter of an hour only, and until then he is told to wait.
 */
async function settle(story, cardPage, before) {
  const { page } = story.person;
  const end = Date.now() + SETTLED_MS;
  while (Date.now() < end) {
    await pause(300);
    const url = page.url();
    if (/\/r\//.test(url) && await page.locator("h1").count()) return true;
    await tryOn(story, cardPage).catch(() => {});
  }
  const isTold = (await story.person.words()).includes(words.checking);
  if (before && isTold && !(await since(before)).some(isAuthorisation)) return false;
  await story.person.picture("unsettled");
  assert.fail(`no receipt after the crash: ${page.url()}\n${await story.person.words()}`);
}

async function tryOn(story, cardPage) {
  const { person } = story;
  const { page } = person;
  const url = page.url();
  if (url.startsWith("chrome-error:")) return page.goto(cardPage);
  if (url.includes("/3ds") && url.startsWith(demo.app)) return story.passBank();
  if (url.startsWith(demo.bank)) {
    const approve = person.find("button", words.approve);
    const back = person.find("link", "Revenir");
    return person.follow(await approve.count() ? approve.first() : back.first());
  }
  if (await person.field(words.code).count()) return story.card();
  const again = person.find("link", words.retry).or(person.find("button", words.retry));
  if (await again.count()) return person.follow(again.first());
  return page.reload();
}

/** What the bank has done so far. */
async function known() {
  return new Set((await demo.operations()).map((one) => one.id));
}

/** What the bank has done since. */
async function since(before) {
  return (await demo.operations()).filter((one) => !before.has(one.id));
}

const isAuthorisation = (one) => one.kind === "authorise";

/** The bank has no authorisation of it, refused or not. */
async function neverHeard(before, when) {
  const done = await since(before);
  assert.ok(!done.some(isAuthorisation), `${when}: nothing charged\n${JSON.stringify(done, null, 1)}`);
}

/** One approved authorisation that still stands, and no operation under one reference twice. */
async function chargedOnce(before, when) {
  const done = await since(before);
  const approved = done.filter((one) => one.state === "approved");
  const count = (kind) => approved.filter((one) => one.kind === kind).length;
  const standing = count("authorise") - count("void") - count("refund");
  assert.equal(standing, 1, `${when}: charged once\n${JSON.stringify(done, null, 1)}`);
  const names = done.map((one) => `${one.kind} ${one.ref}`);
  assert.equal(new Set(names).size, names.length, `${when}: no operation was sent twice`);
}
