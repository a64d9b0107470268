// Takes the picture of the README, docs/story.png, from the running product:
//   cargo build --release && node e2e/picture.mjs

import { fileURLToPath } from "node:url";
import { Demo } from "./lib/demo.mjs";
import { Person, openBrowser } from "./lib/browser.mjs";
import { Story, openPayment, signIn } from "./lib/story.mjs";

const TARGET = fileURLToPath(new URL("../docs/story.png", import.meta.url));
const browser = await openBrowser();
const demo = await Demo.start();
const shots = {};
const take = async (person, name) => {
  await person.page.mouse.move(0, 0);
  shots[name] = (await person.page.screenshot()).toString("base64");
};

try {
  const guest = await Person.sit(browser, demo, { hurried: true, width: 390, height: 780 });
  const story = new Story(guest);
  await story.search();
  await guest.page.getByRole("article").nth(3).evaluate((node) => node.scrollIntoView());
  await take(guest, "offers");
  await story.choose();
  await story.contact();
  await story.toCardPage();
  await take(guest, "card");
  await story.card();
  await story.passBank();
  await story.receipt();
  await take(guest, "receipt");
  const claire = await Person.sit(browser, demo, { hurried: true, width: 1280, height: 860 });
  await signIn(claire);
  await openPayment(claire, `${story.number}/1`);
  await take(claire, "payment");
  await compose();
} finally {
  await demo.stop();
  await browser.close();
}

/** One picture: three phones, then the back office. */
async function compose() {
  const page = await browser.newPage({ viewport: { width: 1480, height: 560 } });
  const image = (name, width) =>
    `<img src="data:image/png;base64,${shots[name]}" width="${width}" style="border-radius:10px;
      border:1px solid #b9b3a6;box-shadow:0 8px 28px rgb(26 29 33 / 16%)">`;
  await page.setContent(`<body style="margin:0;height:100vh;background:#ece8df;display:flex;
    align-items:center;justify-content:center;gap:20px">
    ${image("offers", 240)}${image("card", 240)}${image("receipt", 240)}${image("payment", 620)}
    </body>`);
  await page.screenshot({ path: TARGET });
}
