// A person at a browser: finds things by role and name, with mouse or keyboard alone, and looks
// at every page for faults that concern all pages.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const OUT = fileURLToPath(new URL("../out/", import.meta.url));
const TABS_AT_MOST = 120;
const STEP_MS = 60_000;
/** What the browser says of a page that moved on while it was looked at. */
const MOVED_ON = /context was destroyed|because of a navigation|frame was detached/i;

/** Flags that keep the browser from talking to anybody but the pages under test. */
const FLAGS = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--disable-dev-shm-usage", "--force-color-profile=srgb",
];

export async function openBrowser() {
  mkdirSync(OUT, { recursive: true });
  const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: FLAGS });
}

export const LOCALES = { fr: "fr-FR", en: "en-GB" };
const HEIGHTS = { 320: 640, 1280: 900 };

export class Person {
  /**
   * @param demo the running demo, whose three hosts are the only ones allowed
   * @param options name, language (fr, en), width (320, 1280), keyboard, scripts, dark,
   *   hurried (does not look at every page: other journeys do)
   */
  static async sit(browser, demo, options) {
    const person = new Person();
    Object.assign(person, { demo, width: 1280, language: "fr", shots: 0, ...options });
    person.context = await browser.newContext({
      locale: LOCALES[person.language],
      timezoneId: "Europe/Paris",
      viewport: { width: person.width, height: person.height ?? HEIGHTS[person.width] ?? 900 },
      colorScheme: person.dark ? "dark" : "light",
      javaScriptEnabled: person.scripts ?? true,
    });
    person.context.setDefaultTimeout(STEP_MS);
    person.faults = [];
    person.page = await person.context.newPage();
    person.watch(person.page);
    return person;
  }

  watch(page) {
    const hosts = [this.demo.app, this.demo.vault, this.demo.bank].map((url) => new URL(url).host);
    page.on("console", (message) => {
      const harmless = message.location().url.endsWith("/favicon.ico");
      const answered = /status of (4\d\d|503)/.test(message.text()); // a page that says no
      if (message.type() === "error" && !harmless && !answered) {
        this.faults.push(`console: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => this.faults.push(`script: ${error}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      const local = ["about:", "blob:", "data:"].includes(url.protocol);
      if (!local && !hosts.includes(url.host)) this.faults.push(`foreign request: ${url}`);
      if (url.pathname === "/csp-reports") this.faults.push(`policy broken on ${page.url()}`);
    });
  }

  // Finding. `name` is a string or a regular expression; blanks of any kind are equal.
  find(role, name, root = this.page) {
    return root.getByRole(role, name === undefined ? {} : { name: loose(name) });
  }

  field(label, root = this.page) {
    return root.getByLabel(loose(label)).first();
  }

  async sees(text, root = this.page) {
    await root.getByText(loose(text)).filter({ visible: true }).first()
      .waitFor({ state: "visible" })
      .catch(async () => {
        await this.picture("missing");
        assert.fail(`"${text}" is not to be seen on ${this.page.url()}:\n${await this.words()}`);
      });
  }

  async words() {
    return (await this.page.locator("body").innerText()).replace(/\n+/g, "\n").slice(0, 3000);
  }

  async has(role, name) {
    return (await this.find(role, name).filter({ visible: true }).count()) > 0;
  }

  // Acting, with mouse or keyboard alone.
  /** Presses what leads to another page, and waits for it. */
  async press(role, name, root = this.page) {
    await this.follow(this.find(role, name, root).filter({ visible: true }).first(), `${role} ${name}`);
  }

  async follow(locator, what = "element") {
    await this.here(locator, what);
    const arrived = this.page.waitForEvent("framenavigated", (frame) => !frame.parentFrame());
    arrived.catch(() => {});
    await this.use(locator, what);
    await arrived.catch(() => assert.fail(`${what} leads nowhere from ${this.page.url()}`));
    await this.page.waitForLoadState("load");
  }

  /** Uses something that stays on the page. */
  async use(locator, what = "element") {
    await this.here(locator, what);
    if (!this.keyboard) return locator.click();
    await this.walkTo(locator, what);
    return this.page.keyboard.press("Enter");
  }

  async type(label, value, root = this.page) {
    const field = this.field(label, root);
    await this.here(field, `field ${label}`);
    const kind = await field.evaluate((node) => node.type);
    if (kind === "select-one") return field.selectOption(value);
    if (kind === "date" || !this.keyboard) return field.fill(value);
    await this.walkTo(field, `field ${label}`);
    await this.page.keyboard.press("Control+A");
    return this.page.keyboard.type(value);
  }

  async tick(label, root = this.page) {
    const box = this.field(label, root);
    await this.here(box, `box ${label}`);
    if (await box.isChecked()) return;
    if (!this.keyboard) return box.check();
    await this.walkTo(box, `box ${label}`);
    await this.page.keyboard.press("Space");
    assert.ok(await box.isChecked(), `${label} is ticked by the keyboard`);
  }

  async here(locator, what) {
    await locator.waitFor({ state: "visible" }).catch(async () => {
      await this.picture("missing");
      assert.fail(`${what} is not on ${this.page.url()}:\n${await this.words()}`);
    });
  }

  async walkTo(locator, what) {
    for (let steps = 0; steps < TABS_AT_MOST; steps += 1) {
      if (await locator.evaluate((node) => node === document.activeElement)) return;
      await this.page.keyboard.press("Tab");
    }
    assert.fail(`${what} cannot be reached by the keyboard on ${this.page.url()}`);
  }

  go(url) {
    return this.page.goto(url.startsWith("http") ? url : this.demo.app + url);
  }

  // Looking: what must hold on every page. One that shows itself anew meanwhile is looked at again.
  async look(step) {
    for (let tries = 1; ; tries += 1) {
      await this.page.waitForLoadState("load");
      if (this.hurried) return;
      try {
        await this.inspect(step);
        return;
      } catch (fault) {
        if (tries === 3 || !MOVED_ON.test(fault.message)) throw fault;
      }
    }
  }

  async inspect(step) {
    const at = `${step} (${this.language}, ${this.width} px): ${this.page.url()}`;
    await this.noInlineCode(at); // first, since taking a picture adds styles of its own
    await this.picture(step);
    await this.oneHeading(at);
    await this.noSidewaysScroll(at);
    if (this.scripts !== false) await this.accessible(at);
    assert.deepEqual(this.faults, [], at);
  }

  async oneHeading(at) {
    assert.equal(await this.page.locator("h1").count(), 1, `one h1 at ${at}`);
    const even = (text) => text.replace(/\s+/g, " ").trim();
    const heading = even(await this.page.locator("h1").textContent());
    const title = even(await this.page.title()).replace(/^(Erreur ?|Error): /, "");
    assert.ok(title.startsWith(heading), `"${title}" begins with "${heading}" at ${at}`);
    const primary = await this.page.locator("button.primary, a.primary").count();
    assert.ok(primary <= 1, `at most one button stands out at ${at}`);
    assert.equal(await this.page.locator("html").getAttribute("lang"), this.language, at);
  }

  async noSidewaysScroll(at) {
    if (this.scripts === false) return;
    const [inner, wide] = await this.page.evaluate(() => [
      document.documentElement.clientWidth, document.documentElement.scrollWidth,
    ]);
    assert.ok(wide <= inner, `no sideways scroll at ${at}: ${wide} > ${inner}`);
  }

  async noInlineCode(at) {
    const inline = "style, [style], script:not([src]), [onclick], [onsubmit], [onload]";
    const found = this.page.locator(inline);
    const told = await found.evaluateAll((nodes) => nodes.map((node) => node.outerHTML));
    assert.deepEqual(told, [], `no inline code at ${at}`);
  }

  async accessible(at) {
    const run = `${AXE}; axe.run(document, { resultTypes: ["violations"] })`;
    const { violations } = await this.page.evaluate(run);
    const grave = violations.filter((one) => ["serious", "critical"].includes(one.impact));
    const told = grave.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`);
    assert.deepEqual(told, [], `accessibility at ${at}`);
  }

  async picture(step) {
    this.shots += 1;
    const number = String(this.shots).padStart(2, "0");
    const name = [this.name, this.language, this.width, number, step].filter(Boolean).join("-");
    const secret = "input[autocomplete^=cc-], input[type=password], .card-shown .pan";
    const mask = [this.page.locator(secret)];
    const path = `${OUT}${name}.png`;
    await this.page.screenshot({ path, fullPage: true, mask, maskColor: "#d3cec3" });
  }

  leave() {
    return this.context.close();
  }
}

/** Text or expression in which all blanks are equal (no-break, narrow) and apostrophes too. */
export function loose(wanted) {
  const source = wanted instanceof RegExp
    ? wanted.source
    : wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(source.replace(/['’]/g, "['’]").replace(/[ \u00a0\u202f]/g, "\\s+"), "i");
}
