// The demo's split screen: what a visitor does in one frame is seen in the other, and each
// mission can be done for him, in two languages.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { Demo, until } from "../lib/demo.mjs";
import { Person, openBrowser } from "../lib/browser.mjs";
import { CARDS, VAULT_WORDS, WORDS } from "../lib/words.mjs";

const DO_IT = { fr: "Faites-le pour moi", en: "Do it for me" };
const TIME = { timeout: 480_000 };
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
    await until(`step ${step + 1}`, async () => await done() > before);
    await person.picture(`step-${step + 1}`);
  }
  await until("the proof", () => person.page.locator("[data-over]").isVisible());
}

for (const language of ["fr", "en"]) {
  for (const [mission, steps] of [["1", 4], ["2", 3], ["6", 4], ["dev", 3]]) {
    test(`mission ${mission} is done for the visitor, ${language}`, TIME, async () => {
      const demo = await Demo.start();
      try {
        const person = await onStage(demo, { language });
        await person.go(`/demo?mission=${mission}&lang=${language}`);
        await person.look(`mission-${mission}`);
        await complete(person, steps);
        await demo.balanced();
        if (mission === "6") await nothingTwice(demo);
        if (mission === "2") await goneOnBothScreens(person);
        assert.deepEqual(person.faults, []);
        await person.leave();
      } finally {
        await demo.stop();
      }
    });
  }
}

/** One stay refused, left and cut, another told twice: the bank accepted once for each. */
async function nothingTwice(demo) {
  const accepted = await demo.bankTotal("authorise");
  assert.equal(accepted.count, 2, "the bank accepted once for each stay");
}

/** The code was seen and is gone: so say the desk and a fresh link beside it. */
async function goneOnBothScreens(person) {
  const { seen } = VAULT_WORDS[person.language];
  for (const frame of [desk(person), payer(person)]) {
    await until("the code is said to be seen", async () =>
      seen("\\S+").test(await frame.locator("main").innerText().catch(() => "")));
  }
  await person.picture("mission-2-over");
}

test("a visitor lives mission 2 by hand, in the two frames", TIME, async () => {
  const demo = await Demo.start();
  try {
    const person = await onStage(demo, { height: 860 });
    const words = VAULT_WORDS.fr;
    await person.go("/demo?mission=2&lang=fr");
    const there = (frame, path) => until(`a frame at ${path}`, () => frame().url().includes(path));
    const [left, right] = [() => payer(person), () => desk(person)];
    await until("the desk", () => right()?.locator("h1").count());
    await right().getByRole("link", { name: "Cartes", exact: true }).click();
    await right().getByRole("link", { name: words.bannerLink }).click();
    await right().getByLabel(words.phone).fill("06 12 34 56 78");
    await right().getByRole("button", { name: words.ask, exact: true }).click();
    await right().getByText(words.sent).waitFor();
    await person.find("link", /boîte de réception/).click();
    await there(right, "/demo/inbox");
    const code = (await right().getByText(words.sms).first().innerText()).match(/\d{8}/)[0];
    await person.picture("by-hand-inbox");
    await right().getByRole("link", { name: "Ouvrir le lien à gauche" }).first().click();
    await there(left, "/v/p/");
    await left().getByLabel(words.code).fill(code);
    await left().getByRole("button", { name: words.next }).click();
    await left().getByLabel(words.pin).waitFor().catch(async () => {
      assert.fail(await left().locator("body").innerText());
    });
    await left().getByLabel(words.pin).fill("47120938");
    await left().getByLabel(words.again).fill("47120938");
    await left().getByRole("button", { name: words.savePin }).click();
    await left().getByRole("heading", { name: words.active }).waitFor();
    await person.picture("by-hand-active");
    await person.page.getByRole("link", { name: "Aujourd'hui" }).first().click();
    await right().getByRole("link", { name: "Cartes", exact: true }).click();
    await right().getByRole("link", { name: /0000/ }).click();
    await right().getByRole("button", { name: words.see }).click();
    await there(right, "/v/r/");
    await right().getByLabel(words.yourPin).fill("47120938");
    await person.picture("by-hand-pin");
    await right().getByRole("button", { name: words.numberAndCode }).click();
    await right().getByText(/^123$/).waitFor();
    await person.picture("by-hand-shown");
    await until("the proof", () => person.page.locator("[data-over]").isVisible());
    await right().getByRole("link", { name: words.close }).click();
    await right().getByText(words.over).first().waitFor();
    await right().getByRole("link", { name: words.back }).click();
    await right().getByText(words.seen("\\S+")).first().waitFor();
    assert.deepEqual(person.faults, []);
    await demo.balanced();
    await person.leave();
  } finally {
    await demo.stop();
  }
});

test("a developer pastes the command in a plain shell and opens the page it made", TIME, async () => {
  const demo = await Demo.start();
  try {
    const person = await onStage(demo, { height: 860 });
    await person.go("/demo?mission=dev&lang=fr");
    const open = person.page.getByRole("link", { name: "Ouvrir la page de paiement à gauche" });
    assert.equal(await open.count(), 0, "nothing to open yet");
    const command = await person.page.locator("#curl").innerText();
    const told = JSON.parse(execFileSync("sh", ["-c", command], { stdio: ["ignore", "pipe", "ignore"] }));
    await open.waitFor();
    assert.equal(await open.getAttribute("href"), told.page_url);
    await open.click();
    await until("the payment's page", async () =>
      (await payer(person)?.locator("main").innerText().catch(() => ""))?.includes("42,00"));
    assert.deepEqual(person.faults, []);
    await person.leave();
  } finally {
    await demo.stop();
  }
});

test("one click fills a test card into the page on the phone", TIME, async () => {
  const demo = await Demo.start();
  try {
    const person = await onStage(demo, { height: 860 });
    await person.go("/demo?mission=1&lang=fr");
    await person.page.getByText("Cartes d'essai").click();
    const fill = (number) => person.page.getByRole("listitem").filter({ hasText: number })
      .getByRole("button", { name: "Remplir" });
    await fill("4242 4242 4242 4242").click();
    await person.sees("Allez d'abord, à gauche");
    for (let step = 0; step < 2; step += 1) {
      await person.find("button", DO_IT.fr).click();
      await until(`step ${step + 1}`, async () =>
        await person.page.locator(".todo .done").count() > step);
    }
    await until("the card page", () => payer(person).url().startsWith(`${demo.vault}/v/c/`));
    await payer(person).getByLabel(WORDS.fr.number).waitFor();
    await fill("3782 822463 10005").click();
    await person.sees("La carte est saisie à gauche");
    const held = (label) => payer(person).getByLabel(label).inputValue();
    assert.equal(await held(WORDS.fr.number), "3782 822463 10005");
    assert.equal(await held(WORDS.fr.code), "1234");
    await fill(CARDS.challenge).click();
    await until("the other card", async () => await held(WORDS.fr.code) === "123");
    await person.picture("filled");
    await person.page.getByText("Cartes d'essai").click(); // shut: the phone has its whole height
    await person.find("button", WORDS.fr.payAny, payer(person)).click();
    await until("the bank's announcement", () => payer(person).url().includes("/3ds"));
    assert.deepEqual(person.faults, []);
    await person.leave();
  } finally {
    await demo.stop();
  }
});

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

test("four nights of the gîte cost what the rule says, and why", TIME, async () => {
  const demo = await Demo.start({ arguments: ["--at", "2026-06-15T09:00:00+02:00"] });
  try {
    const anne = await Person.sit(browser, demo, { name: "gite", width: 320, height: 640 });
    // 60 to 74 days on, the gîte is let by one night and by two alone.
    const search = "/s/hotel-des-tuffeaux?lang=fr&search=1&arrival=2026-08-16"
      + "&departure=2026-08-20&g_adult=2";
    const gite = () => anne.page.getByRole("article").filter({ hasText: "Gîte La Tour" }).first();
    await anne.go(search);
    await anne.sees("520,00 €", gite());
    await gite().getByText("Pourquoi ce prix ?").first().click();
    await anne.sees("2 + 2 nuits = 480,00 €", gite());
    await anne.look("gite-why");

    const claire = await Person.sit(browser, demo, { name: "gite-owner" });
    const email = demo.user("owner").email;
    await claire.context.request.post(`${demo.app}/demo/session`, { data: { email } });
    await claire.go("/catalogue");
    const mine = claire.page.getByRole("article").filter({ hasText: "Gîte La Tour" }).first();
    await mine.getByLabel("Toujours le découpage le moins cher").check();
    await claire.press("button", /Enregistrer/, mine);
    await claire.look("gite-rule");
    await anne.go(search);
    await anne.sees("480,00 €", gite());
    assert.equal(await gite().getByText("520,00").count(), 0);
    await anne.leave();
    await claire.leave();
  } finally {
    await demo.stop();
  }
});
