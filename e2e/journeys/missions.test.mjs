// The demo's split screen: what a visitor does in one frame is seen in the other, and each
// mission can be done for him, in two languages.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo, until } from "../lib/demo.mjs";
import { Person, openBrowser } from "../lib/browser.mjs";
import { CARDS, WORDS } from "../lib/words.mjs";

const DO_IT = { fr: "Faites-le pour moi", en: "Do it for me" };
const TIME = { timeout: 240_000 };
let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser?.close());

const payer = (person) => person.page.frame({ name: "payer" });
const desk = (person) => person.page.frame({ name: "desk" });

async function onStage(demo, options) {
  const person = await Person.sit(browser, demo, { name: "stage", ...options });
  await person.go(`/demo?lang=${person.language}`);
  await until("both frames show a page", async () =>
    await payer(person)?.locator("h1").count() && desk(person)?.locator("h1").count());
  return person;
}

/** Presses "do it for me" until the mission says that it is over. */
async function complete(person, steps) {
  for (let step = 0; step < steps; step += 1) {
    const done = () => person.page.locator(".todo .done").count();
    const before = await done();
    await person.find("button", DO_IT[person.language]).click();
    await until(`step ${step + 1}`, async () => await done() > before, 40_000);
    await person.picture(`step-${step + 1}`);
  }
  await until("the proof", () => person.page.locator("[data-over]").isVisible());
}

for (const language of ["fr", "en"]) {
  for (const [mission, steps] of [["2", 4], ["6", 3], ["dev", 3]]) {
    test(`mission ${mission} is done for the visitor, ${language}`, TIME, async () => {
      const demo = await Demo.start();
      try {
        const person = await onStage(demo, { language });
        await person.go(`/demo?mission=${mission}&lang=${language}`);
        await person.look(`mission-${mission}`);
        await complete(person, steps);
        await demo.balanced();
        if (mission === "6") await nothingTwice(demo);
        assert.deepEqual(person.faults, []);
        await person.leave();
      } finally {
        await demo.stop();
      }
    });
  }
}

/** One payment, refused, left and cut: the bank accepted exactly one authorisation. */
async function nothingTwice(demo) {
  const accepted = await demo.bankTotal("authorise");
  assert.equal(accepted.count, 1, "the bank accepted once");
}

for (const width of [320, 1280]) {
  test(`the landing has no sign-in and two living frames, ${width} px`, TIME, async () => {
    const demo = await Demo.start({ arguments: ["--at", "2026-06-15T09:00:00+02:00"] });
    try {
      const person = await onStage(demo, { width, height: width === 320 ? 640 : 860 });
      await person.look("landing");
      assert.equal(await desk(person).locator("form[action='/connexion']").count(), 0);

      await person.find("button", "+ 1 heure").click();
      await until("the clock", async () =>
        (await person.page.locator("[data-clock]").innerText()).includes("10:00"));
      assert.match((await demo.state()).clock, /^2026-06-15T08:00:00/);

      await desk(person).goto(`${demo.app}/caisse`);
      const body = { shop: demo.hotel.shop, point_of_sale: demo.hotel.point_of_sale,
        amount: 4200, currency: "EUR", order_ref: "EN-DIRECT" };
      const started = Date.now();
      assert.equal((await demo.api("POST", "/v1/payments", body)).status, 201);
      await desk(person).getByText("EN-DIRECT").first().waitFor();
      const seen = Date.now() - started;
      assert.ok(seen < 3000, `the desk saw the payment after ${seen} ms`);
      await person.picture("live");
      await person.leave();
    } finally {
      await demo.stop();
    }
  });
}

test("the persona, the inbox and the bank are one click away", TIME, async () => {
  const demo = await Demo.start();
  try {
    const person = await onStage(demo, {});
    await person.page.getByLabel("Vous êtes").selectOption({ label: await malik(person) });
    await until("Malik's desk", async () =>
      (await desk(person)?.locator("body").innerText().catch(() => ""))?.includes("Malik"));
    await person.find("link", /boîte de réception/).click();
    await until("the inbox", () => desk(person).url().includes("/demo/inbox"));
    await person.find("link", /banque simulée/).click();
    await until("the bank", () => desk(person).url().startsWith(demo.bank));
    const bank = await Person.sit(browser, demo, { name: "bank", width: 320 });
    await bank.go(`${demo.bank}/?lang=fr`);
    await bank.page.getByText("Que fera la banque").click();
    await bank.page.getByLabel("Prochaine réponse").selectOption("51");
    await bank.page.getByLabel("Combien de temps").selectOption("changed");
    await bank.press("button", "Appliquer");
    await bank.look("faults");
    for (const order of ["A", "B"]) {
      const card = await demo.addCard(CARDS.accepted);
      const made = await demo.api("POST", "/v1/payments", { shop: demo.hotel.shop,
        point_of_sale: demo.hotel.point_of_sale, card: card.token, amount: 900, currency: "EUR",
        order_ref: `PANNE-${order}` });
      assert.equal(made.body.status, "refused", JSON.stringify(made.body));
    }
    await bank.leave();
    await person.leave();
  } finally {
    await demo.stop();
  }
});

async function malik(person) {
  const labels = await person.page.locator("select[name=email] option").allInnerTexts();
  return labels.find((label) => label.startsWith("Malik"));
}

test("everything is reset, and a scene begins at its own instant", TIME, async () => {
  const demo = await Demo.start();
  try {
    const body = { shop: demo.hotel.shop, point_of_sale: demo.hotel.point_of_sale, amount: 900,
      currency: "EUR", order_ref: "AVANT" };
    assert.equal((await demo.api("POST", "/v1/payments", body)).status, 201);
    await demo.addCard(CARDS.accepted);
    const scene = await demo.post("/demo/scene/J6", {});
    assert.equal(scene.clock, "2026-06-15T08:00:00Z");
    const state = await demo.state();
    assert.equal(state.counters["payments.created"] ?? 0, 0, "nothing is left of before");
    assert.equal((await demo.operations()).length, 0);
    await demo.addCard(CARDS.accepted); // the vault is back with its shops
    const person = await onStage(demo, { width: 320, height: 640 });
    await person.press("button", "Tout réinitialiser");
    await until("both frames again", async () => await payer(person)?.locator("h1").count());
    const words = WORDS.fr;
    assert.ok(await payer(person).getByRole("button", { name: words.search }).count());
    await demo.balanced();
    await person.leave();
  } finally {
    await demo.stop();
  }
});
