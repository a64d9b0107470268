// A merchant's program, written with the library of the standard: every message is verified by
// code that is not ours, and none is lost when the app dies while messages are on their way.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { Demo, pause, until } from "../lib/demo.mjs";

const TIME = { timeout: 480_000 };
const CARD = "4970 1000 0000 0154";
const programs = [];
let demo;

before(async () => { demo = await Demo.start(); });
after(() => {
  for (const program of programs) program.close();
  return demo?.stop();
});

/** A program that keeps what it gets; `answer` gives status, or waits. */
async function receive(answer = () => 200) {
  const got = [];
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", async () => {
      const body = Buffer.concat(parts).toString("utf8");
      const status = await answer(request.headers["webhook-id"]);
      if (status < 300) got.push({ headers: request.headers, body });
      response.writeHead(status).end("ok");
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${server.address().port}/hooks`;
  const close = () => { server.closeAllConnections(); server.close(); };
  programs.push({ close });
  return { got, url };
}

async function listen(url, events = ["*"]) {
  const shop = demo.hotel.shop;
  const made = await demo.api("POST", "/v1/webhook_endpoints", { shop, url, events });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
}

/** A payment with a new card of a kept kind, taken in the call. */
async function pay(order, amount = 1_200) {
  const card = await demo.addCard(CARD);
  const body = { shop: demo.hotel.shop, amount, currency: "EUR", order_ref: order,
    capture: "now", card: card.token };
  return demo.api("POST", "/v1/payments", body);
}

test("the library of the standard accepts each message, and nothing else", TIME, async () => {
  const program = await receive();
  const endpoint = await listen(program.url);
  const paid = await pay("HOOK-1");
  assert.equal(paid.status, 201, JSON.stringify(paid.body));
  const of = (kind) => program.got.find(({ body }) => JSON.parse(body).type === kind);
  const captured = await until("the capture is told", () => of("payment.captured"));
  const verifier = new Webhook(endpoint.secret);
  const said = verifier.verify(captured.body, captured.headers);
  assert.equal(said.data.id, paid.body.id);
  assert.equal(said.data.status, "captured");
  assert.ok(said.data.version >= 1);
  assert.throws(() => verifier.verify(captured.body.replace("1200", "9200"), captured.headers),
    WebhookVerificationError);
  const stranger = new Webhook(Buffer.alloc(32, 7).toString("base64"));
  assert.throws(() => stranger.verify(captured.body, captured.headers), WebhookVerificationError);

  const rotated = await demo.api("POST", `/v1/webhook_endpoints/${endpoint.id}/rotate`, {});
  assert.notEqual(rotated.body.secret, endpoint.secret);
  await demo.api("POST", `/v1/webhook_endpoints/${endpoint.id}/test`, {});
  const tried = await until("the test is told", () => of("webhook.test"));
  for (const secret of [endpoint.secret, rotated.body.secret]) {
    assert.equal(new Webhook(secret).verify(tried.body, tried.headers).type, "webhook.test");
  }
  for (const { body, headers } of program.got) {
    assert.ok(body.length < 20_000 && !/\d{13,}/.test(body.replace(/\d{4}-\d\d/g, "")), body);
    assert.ok(headers["webhook-id"].startsWith("evt_"));
  }
  await demo.api("DELETE", `/v1/webhook_endpoints/${endpoint.id}`);
});

test("the app dies while messages leave, and every event arrives", TIME, async () => {
  const tries = new Map();
  const program = await receive(async (id) => {
    tries.set(id, (tries.get(id) ?? 0) + 1);
    await pause(40);
    return tries.size % 3 === 0 && tries.get(id) === 1 ? 500 : 200;
  });
  const endpoint = await listen(program.url);
  const [last] = (await demo.api("GET", "/v1/events?limit=1")).body.data;
  for (let round = 0; round < 3; round += 1) {
    const payments = [0, 1, 2, 3].map((one) => pay(`CRASH-${round}-${one}`).catch(() => null));
    await pause(150 + 120 * round);
    await demo.kill("app");
    await Promise.all(payments);
  }
  const known = async () => {
    const { body } = await demo.api("GET", "/v1/events?limit=200");
    return body.data.filter((event) => event.id > (last?.id ?? "")).map((event) => event.id);
  };
  const heard = () => new Set(program.got.map(({ headers }) => headers["webhook-id"]));
  await until("every event is heard", async () => {
    const events = await known();
    return events.length >= 8 && events.every((id) => heard().has(id));
  }, 120_000);
  const verifier = new Webhook(endpoint.secret);
  for (const { body, headers } of program.got) verifier.verify(body, headers);
  await demo.balanced();
});
