// The story of a stay, step by step, so that journeys can stop, repeat or break it anywhere.

import assert from "node:assert/strict";
import { CARDS, WORDS, minor, percent, written } from "./words.mjs";
import { freshCode } from "./totp.mjs";

export const PLACE = "/s/hotel-des-tuffeaux";
const DAY_MS = 86_400_000;

/** Two nights that begin `days` after the demo's today. */
async function nights(demo, days) {
  const now = Date.parse((await demo.state()).clock);
  const day = (offset) => new Date(now + offset * DAY_MS).toISOString().slice(0, 10);
  return [day(days), day(days + 2)];
}

export class Story {
  constructor(person, days = 40) {
    this.person = person;
    this.demo = person.demo;
    this.words = WORDS[person.language];
    this.days = days;
    this.lodging = "Suite";
  }

  /** Opens the property's page and asks for two nights. */
  async search() {
    const { person, words } = this;
    await person.go(`${PLACE}?lang=${person.language}`);
    await person.look("place");
    const [from, to] = await nights(this.demo, this.days);
    await person.type(words.arrival, from);
    await person.type(words.departure, to);
    await person.press("button", words.search);
    await person.look("offers");
  }

  /** Reads why the Suite costs what it costs, and takes it. */
  async choose() {
    const { person, words } = this;
    const offer = person.page.getByRole("article").filter({ hasText: this.lodging }).first();
    await person.here(offer, `the offer ${this.lodging}`);
    const why = offer.getByText(words.why).first();
    await person.use(why, words.why);
    this.total = minor(await offer.locator(".price").first().innerText());
    assert.ok(this.total > 0, "the offer has a price");
    this.deposit = percent(this.total, 30);
    this.balance = this.total - this.deposit;
    await person.press("button", words.choose, offer);
    await person.look("contact");
  }

  /** Gives contact details: from here on the room is held. */
  async contact(changes = {}) {
    const { person, words } = this;
    const given = { firstName: "Marc", lastName: "Exemple", email: "marc@exemple.fr",
      phone: "06 12 34 56 78", ...changes };
    for (const [name, value] of Object.entries(given)) await person.type(words[name], value);
    const terms = person.field(words.terms);
    if (await terms.count()) await person.tick(words.terms);
    await person.press("button", words.toPayment);
  }

  /** From the basket to the vault's card page, whatever stands between. */
  async toCardPage() {
    const { person, words } = this;
    for (let pages = 0; pages < 3; pages += 1) {
      await person.page.waitForLoadState("load");
      if (person.page.url().startsWith(this.demo.vault)) break;
      await person.look(`on-the-way-${pages}`);
      const button = person.find("button", words.payAny).first();
      await person.follow(await button.count() ? button
        : person.find("button", words.toPayment).first(), "to payment");
    }
    assert.ok(person.page.url().startsWith(`${this.demo.vault}/v/c/`), person.page.url());
    await person.look("card");
  }

  /** Fills the card page and sends it. */
  async card(number = CARDS.challenge, { expiry = "03/29", code = "123", keep = true } = {}) {
    const { person, words } = this;
    if (await person.field(words.number).count()) await person.type(words.number, number);
    if (await person.field(words.expiry).count()) await person.type(words.expiry, expiry);
    await person.type(words.code, code);
    if (await person.field(words.holder).count()) await person.type(words.holder, "Marc Exemple");
    if (keep && await person.field(words.keep).count()) await person.tick(words.keep);
    await person.press("button", words.payAny);
    const asksCode = await person.field(words.code).count();
    if (!asksCode && await person.find("group", words.brand).filter({ visible: true }).count()) {
      await person.look("brand"); // without scripts the choice of the brand is a page of its own
      await person.press("button", words.payAny);
    }
  }

  /** A card kept for later always asks the bank: passes its page if it is there. */
  async passBank(decision = this.words.approve) {
    if (!this.person.page.url().includes("/3ds")) return;
    await this.toBank();
    await this.atBank(decision);
  }

  /** After a refusal: the way to another try, and the card page again. */
  async again() {
    const { person, words } = this;
    await person.follow(person.find("link", words.retry)
      .or(person.find("button", words.retry)).first(), "another try");
    await this.toCardPage();
  }

  /** The page that announces the bank, then the bank itself. */
  async toBank() {
    const { person, words } = this;
    await person.sees(words.challengeTitle);
    await person.look("challenge");
    await person.press("button", words.toBank);
    assert.ok(person.page.url().startsWith(this.demo.bank), person.page.url());
    await person.look("bank");
  }

  async atBank(decision) {
    await this.person.press("button", decision);
    assert.ok(this.person.page.url().startsWith(this.demo.app), this.person.page.url());
  }

  /** All of the above, down to the receipt. */
  async toReceipt() {
    const { person, words } = this;
    await this.toChallenge();
    await this.toBank();
    await this.atBank(words.approve);
    await this.receipt();
    return person.page.url();
  }

  /** Down to the page that announces the bank. */
  async toChallenge() {
    await this.search();
    await this.choose();
    await this.contact();
    await this.toCardPage();
    await this.person.sees(written(this.deposit, this.person.language));
    await this.card();
  }

  async receipt() {
    const { person, words } = this;
    await person.page.waitForURL(/\/r\//);
    await person.sees(words.paid);
    await person.sees(written(this.deposit, person.language));
    const text = await person.words();
    this.number = text.match(/DOS-\d{4}-\d{6}/)?.[0];
    assert.ok(this.number, `the receipt names the booking:\n${text}`);
    assert.doesNotMatch(text.replace(/\s/g, ""), /49701001\d{8}/, "no full card number");
    await person.look("receipt");
  }
}

/** A member of staff signs in with password and time code. */
export async function signIn(person, role = "owner") {
  const words = WORDS[person.language];
  const user = person.demo.user(role);
  await person.go(`/connexion?lang=${person.language}`);
  await person.look("sign-in");
  await person.type(words.email, user.email);
  await person.type(words.password, user.password);
  await person.type(words.timeCode, await freshCode(user.totp_secret));
  await person.press("button", words.signIn);
  assert.notEqual(new URL(person.page.url()).pathname, "/connexion", "signed in");
  if (await person.page.locator("html").getAttribute("lang") !== person.language) {
    await person.press("link", words.ownName); // kept from then on, on every device
  }
  await person.look("today");
}

/** Opens a booking by its number, from the list. */
export async function openBooking(person, number) {
  await person.go(`/reservations?q=${number}`);
  await person.look("bookings");
  await person.press("link", number, person.page.getByRole("table"));
  await person.look("booking");
}

/** Opens a payment of a booking: `/1` is the deposit, `/2` the balance. */
export async function openPayment(person, reference) {
  await person.go(`/caisse?q=${encodeURIComponent(reference)}`);
  await person.look("payments");
  const words = new RegExp(reference.replace("/", "\\/"));
  await person.press("link", words, person.page.getByRole("table"));
  await person.look("payment");
}

/** Presses an action, then the confirmation that restates it. */
export async function actAndConfirm(person, name, fill = async () => {}) {
  const words = WORDS[person.language];
  await person.follow(person.find("button", name).or(person.find("link", name)).first(), String(name));
  await person.look("action");
  await fill();
  await person.press("button", words.confirm, person.page.getByRole("main"));
  await person.look("done");
}
