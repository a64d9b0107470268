// What goes wrong on the way to a receipt: the answer is the one promised, nothing is charged
// twice, and the guest can go on from where he is.

import assert from "node:assert/strict";
import { after, before, beforeEach, afterEach, test } from "node:test";
import { Demo, until } from "../lib/demo.mjs";
import { Person, openBrowser } from "../lib/browser.mjs";
import { Story } from "../lib/story.mjs";
import { CARDS, WORDS } from "../lib/words.mjs";

const words = WORDS.fr;
const TIME = { timeout: 480_000 };
let browser, demo, guest, story, known;
let days = 30;

before(async () => {
  browser = await openBrowser();
  demo = await Demo.start();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});
beforeEach(async () => {
  guest = await Person.sit(browser, demo, { name: "refusal", width: 320 });
  story = new Story(guest, (days += 3));
  known = new Set((await demo.operations()).map((one) => one.id));
});
afterEach(async () => {
  await guest.leave();
  await demo.balanced();
});

async function toCardPage() {
  await story.search();
  await story.choose();
  await story.contact();
  await story.toCardPage();
}

/** How often the bank has approved this story's deposit, whatever it calls the operation. */
async function charged() {
  const done = (await demo.operations()).filter((one) => !known.has(one.id));
  const approved = done.filter((one) => one.state === "approved");
  const count = (kind) => approved.filter((one) => one.kind === kind).length;
  assert.equal(count("void") + count("refund"), 0, "nothing had to be given back");
  return count("authorise");
}

test("a refused card: nothing charged, another card pays", TIME, async () => {
  await toCardPage();
  await story.card(CARDS.refused);
  await story.passBank();
  await guest.sees(words.refusedByBank);
  await guest.look("refused");
  await story.again();
  await story.card(CARDS.accepted);
  await story.passBank();
  await story.receipt();
});

test("faults of typing are named, focused and keep what may be kept", TIME, async () => {
  await toCardPage();
  await story.card("4970 1001 0000 1004", { code: "", keep: false });
  await guest.sees(words.luhn);
  await guest.sees(words.codeMissing);
  assert.match(await guest.page.title(), words.faulty);
  await guest.look("faults");
  await story.card(CARDS.old, { expiry: "01/20" });
  await guest.sees(words.expired);
  assert.equal(await guest.field(words.code).inputValue(), "", "the code is never kept");
  assert.doesNotMatch(await guest.page.content(), /4970\s?1000\s?0000\s?0154/);
  await story.card(CARDS.accepted);
  await story.passBank();
  await story.receipt();
});

test("a wrong code asks for the code again, not for everything", TIME, async () => {
  await toCardPage();
  await story.card(CARDS.wrongCode);
  await story.passBank();
  await guest.sees(words.checkCard);
  await guest.look("wrong-code");
  assert.equal(await charged(), 0);
});

test("refused, then abandoned at the bank: nothing charged, then paid", TIME, async () => {
  await toCardPage();
  await story.card();
  await story.toBank();
  await story.atBank(words.refuse);
  await guest.sees(words.notAuthenticated);
  await guest.look("bank-refused");
  await story.again();
  await story.card();
  await story.toBank();
  await story.atBank(words.abandon);
  await guest.sees(words.notAuthenticated);
  assert.equal(await charged(), 0);
  await story.again();
  await story.card(CARDS.accepted);
  await story.passBank();
  await story.receipt();
});

test("double click, reload and back charge once", TIME, async () => {
  await toCardPage();
  await guest.type(words.number, CARDS.accepted);
  await guest.type(words.expiry, "03/29");
  await guest.type(words.code, "123");
  await guest.find("button", words.payAny).first().dblclick();
  await guest.page.waitForURL((url) => !url.href.startsWith(demo.vault));
  await story.passBank();
  await story.receipt();
  const receipt = guest.page.url();
  await guest.page.reload();
  await story.receipt();
  await guest.page.goBack();
  await guest.page.waitForLoadState("load");
  await guest.go(receipt);
  await story.receipt();
  assert.equal(await charged(), 1);
});

test("two tabs, one card page: one payment", TIME, async () => {
  await toCardPage();
  const other = await guest.context.newPage();
  await other.goto(guest.page.url());
  await story.card(CARDS.accepted);
  await story.passBank();
  await story.receipt();
  await other.getByLabel(words.number).fill(CARDS.accepted);
  await other.getByLabel(words.expiry).fill("03/29");
  await other.getByLabel(words.code).fill("123");
  await other.getByRole("button", { name: /^payer/i }).first().click();
  await other.waitForURL(/\/r\/|\/p\//);
  assert.equal(await charged(), 1);
});

test("the bank is silent: the guest waits, the query settles it", TIME, async () => {
  await toCardPage();
  await story.card(CARDS.silentThenAccepted);
  await story.passBank();
  await guest.sees(words.checking);
  await guest.look("checking");
  // The page asks again by itself.
  await guest.page.waitForURL(/\/r\//, { timeout: 60_000 });
  await story.receipt();
});

test("a card number typed into the name is refused and forgotten", TIME, async () => {
  await story.search();
  await story.choose();
  await story.contact({ lastName: "5207 0000 0000 0000" });
  await guest.sees(words.noNumberHere);
  await guest.look("number-in-name");
  assert.equal(await guest.field(words.lastName).inputValue(), "", "the field is emptied");
  assert.doesNotMatch(await guest.page.content(), /5207\s?0000/);
});

test("coming back from the bank on another device shows the same truth", TIME, async () => {
  await toCardPage();
  await story.card();
  await story.toBank();
  const other = await Person.sit(browser, demo, { name: "other", width: 1280 });
  await other.go(guest.page.url());
  const stranger = new Story(other, days);
  stranger.deposit = story.deposit;
  await other.press("button", words.approve);
  await other.page.waitForURL((url) => url.href.startsWith(demo.app));
  await stranger.receipt();
  await other.leave();
});
