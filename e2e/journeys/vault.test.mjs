// Cards are kept, one person chooses a PIN, sees a number, and a security code once: in two languages,
// on a phone and on a wide screen, by keyboard, in the dark. j1.test.mjs walks the same way line by line.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo, until } from "../lib/demo.mjs";
import { Person, openBrowser } from "../lib/browser.mjs";
import { AT, NUMBER, PIN, SETTINGS, WRONG_PIN, cardOfAProgram, invitation, linkOnly, sendCode, sendPin,
  toPinPage, weakPins } from "../lib/cards.mjs";
import { signIn } from "../lib/story.mjs";
import { VAULT_WORDS } from "../lib/words.mjs";

const OTHER_PIN = "83052714";
const TIME = { timeout: 480_000 };

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

/** Types the code; every weak PIN is refused with its reason, a good one is active. */
async function choosePin(claire, words, { link, code }) {
  await claire.go(link);
  await claire.sees(words.code);
  await claire.look("code");
  await sendCode(claire, words, code);
  await claire.look("choose");
  await weakPins(claire, words);
  await sendPin(claire, words, PIN);
  await claire.sees(words.active);
  await claire.look("active");
  await claire.go(link);
  await claire.sees(words.expired);
  await claire.look("used-link");
  await claire.go(SETTINGS);
  await claire.sees(words.on);
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
  claire.firstLink = await toPinPage(claire, words, `/cartes/${card.token}`);
  await claire.sees("Mastercard");
  await claire.sees("0000");
  await claire.sees(words.onlyOnce);
  assert.ok(await claire.has("link", words.charge));
  await claire.look("pin");
  await claire.type(words.yourPin, WRONG_PIN);
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
  await toPinPage(claire, words, `/cartes/${card.token}`);
  await claire.sees(words.seen(words.day));
  assert.ok(!await claire.has("button", words.numberAndCode), "no code is offered any more");
  await claire.type(words.yourPin, PIN);
  await claire.press("button", words.number);
  await claire.sees(NUMBER);
  await claire.sees(words.seen(words.day));
  assert.equal(await claire.page.getByText(/^123$/).count(), 0);
  await claire.look("shown-again");
  await claire.go(claire.firstLink);
  await claire.sees(words.expired);

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
  await send(WRONG_PIN, OTHER_PIN);
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
