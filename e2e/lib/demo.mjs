// Starts `guichet demo` as any program would: reads its one line, asks its doors, stops it.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createServer } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BINARY = process.env.GUICHET_BINARY || join(ROOT, "target", "debug", "guichet");
/** A server on which each demo gets a schema of its own; without it, a file. */
const SERVER = process.env.GUICHET_TEST_POSTGRES;
const PATIENCE_MS = 60_000;

/** Below the ports that the system lends to outgoing connections: one of those may take a free
    port while a program is about to listen on it. */
const PORTS = { first: 20_000, count: 12_000 };

/** A port N such that N, N+1 and N+2 are free on the three hosts of the demo. */
async function freePort() {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    const tests = [1, 2, 3].map((host, at) => isFree(`127.0.0.${host}`, port + at));
    if ((await Promise.all(tests)).every(Boolean)) return port;
  }
  throw new Error("no free ports");
}

function isFree(host, port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `test` answers something true; fails with `what`. */
export async function until(what, test, ms = PATIENCE_MS) {
  const end = Date.now() + ms;
  let last;
  while (Date.now() < end) {
    try {
      last = await test();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await pause(100);
  }
  throw new Error(`${what}: not within ${ms} ms (${last})`);
}

/** An empty schema, as an address of the server. */
function schema() {
  const name = `j${process.pid}_${Math.floor(Math.random() * 1e9)}`;
  execFileSync("psql", ["-q", "-d", SERVER, "-c", `CREATE SCHEMA ${name}`]);
  return `${SERVER}?options=-csearch_path%3D${name}`;
}

export class Demo {
  /** `options.arguments` go to the command as they are. */
  static async start(options = {}) {
    const demo = new Demo();
    demo.folder = mkdtempSync(join(tmpdir(), "guichet-e2e-"));
    demo.log = "";
    const place = SERVER ? ["--database", schema(), "--vault-database", schema()] : [];
    await demo.spawn([...place, ...(options.arguments ?? [])]);
    return demo;
  }

  async spawn(more) {
    const port = await freePort();
    const command = ["demo", "--json", "--port", String(port), "--bare", ...more];
    this.child = spawn(BINARY, command, { stdio: ["ignore", "pipe", "pipe"] });
    this.child.stderr.on("data", (bytes) => { this.log += bytes; });
    this.lines = [];
    const reader = createInterface({ input: this.child.stdout });
    reader.on("line", (line) => this.lines.push(line));
    const ended = once(this.child, "exit").then(([code]) => {
      throw new Error(`guichet demo ended with ${code}:\n${this.log}`);
    });
    ended.catch(() => {});
    const told = until("the line of the demo", () => this.lines.length > 0, PATIENCE_MS);
    await Promise.race([told, ended]).catch((error) => {
      error.message = `${error.message}\n${this.log}`;
      throw error;
    });
    Object.assign(this, JSON.parse(this.lines[0]));
  }

  /** The Hôtel, and a member of its staff by role. */
  get hotel() {
    const hotel = this.merchants.find((merchant) => merchant.slug === "hotel-des-tuffeaux");
    assert.ok(hotel, "the demo has the Hôtel des Tuffeaux");
    return hotel;
  }

  user(role) {
    const user = this.hotel.users.find((one) => one.role === role);
    assert.ok(user, `the Hôtel has a user with the role ${role}`);
    return user;
  }

  async json(path, options) {
    const response = await fetch(path.startsWith("http") ? path : this.app + path, options);
    const text = await response.text();
    assert.ok(response.ok, `${path}: ${response.status} ${text.slice(0, 400)}`);
    return JSON.parse(text);
  }

  post(path, body) {
    const headers = { "content-type": "application/json" };
    return this.json(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  /** A request with the Hôtel's key; answers status and body. */
  async api(method, path, body, headers = {}) {
    const response = await fetch(this.app + path, {
      method,
      headers: {
        authorization: `Bearer ${this.hotel.api_key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "GET" ? {} : { "idempotency-key": randomUUID() }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  }

  /** A request to the vault's own door with the Hôtel's vault key; answers status and body. */
  async vaultApi(method, path, body, key = randomUUID()) {
    const response = await fetch(this.vault + path, {
      method,
      headers: { authorization: `Bearer ${this.hotel.vault_key}`,
        "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify({ shop: this.hotel.shop, ...body }),
    });
    const text = await response.text();
    return { status: response.status, text, body: text ? JSON.parse(text) : null };
  }

  /** Gives a card to the vault with the Hôtel's own vault key, as a booking program does. */
  async addCard(number, { code = "123", exp_month = 3, exp_year = 2029, holder = "Marc Exemple",
    booking = `EXT-${randomUUID().slice(0, 8)}` } = {}) {
    const card = { number: number.replace(/\s/g, ""), exp_month, exp_year, holder,
      security_code: code };
    const made = await this.vaultApi("POST", "/v1/cards", { booking, card });
    assert.ok(made.status < 300, `POST /v1/cards: ${made.status} ${made.text}`);
    return made.body.card ?? made.body;
  }

  state() { return this.json("/demo/state.json"); }
  inbox() { return this.json("/demo/inbox.json"); }
  clock(to) { return this.post("/demo/clock", { to }); }
  fault(next) { return this.post("/demo/fault", { next }); }
  operations() { return this.json(`${this.bank}/operations.json`); }

  /** The state, with a check of everything that began after the call. */
  checked() {
    return until("a fresh check", async () => {
      const state = await this.state();
      return state.fresh && state;
    }, 300_000);
  }

  /** What must hold after every journey, and after every kill. */
  async balanced() {
    const state = await this.checked();
    assert.equal(Number(state.ledger.sum), 0, "the ledger sums to zero");
    assert.equal(state.ledger.ok, true, "every rule of the ledger holds");
    const alarms = this.log.split("\n").filter((line) => line.includes("ALARM")).join("\n");
    assert.equal(Number(state.file_scan), 0, `no card data outside the vault:\n${alarms}`);
  }

  /** Operations of one kind that the bank really did, their sum in minor units. */
  async bankTotal(kind, ref = "") {
    const done = (await this.operations()).filter((one) =>
      one.kind === kind && ["approved", "done", "captured", "refunded"].includes(one.state)
        && String(one.ref).includes(ref));
    return { count: done.length, sum: done.reduce((sum, one) => sum + Number(one.amount), 0) };
  }

  /** Kills one of `app`, `vault`, `bank` without warning; returns when it is back. */
  async kill(name) {
    const before = (await this.pids_now())[name];
    process.kill(before, "SIGKILL");
    await until(`${name} is back`, async () => {
      const response = await fetch(`${this[name]}/health`);
      return response.ok && (await this.pids_now())[name] !== before;
    });
  }

  async pids_now() {
    return (await this.state()).pids ?? this.pids;
  }

  /** Ends the demo the way a person does; it must end well and leave nothing. */
  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = once(this.child, "exit");
      this.child.kill("SIGTERM");
      const [code] = await Promise.race([exit, pause(10_000).then(() => ["no end within 10 s"])]);
      if (code !== 0) this.child.kill("SIGKILL");
      assert.equal(code, 0, `guichet demo ends with 0:\n${this.log.slice(-2000)}`);
    }
    assert.equal(this.lines.length, 1, "one line on standard output, nothing else");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
