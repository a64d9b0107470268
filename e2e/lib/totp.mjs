// Time codes as an authenticator application computes them (RFC 6238, SHA-1, 30 s, 6 digits).

import { createHmac } from "node:crypto";
import { pause } from "./demo.mjs";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_SECONDS = 30;

function bytes(secret) {
  let bits = "";
  for (const letter of secret.replace(/[=\s]/g, "").toUpperCase()) {
    bits += ALPHABET.indexOf(letter).toString(2).padStart(5, "0");
  }
  const whole = bits.match(/.{8}/g) ?? [];
  return Buffer.from(whole.map((byte) => Number.parseInt(byte, 2)));
}

export function codeAt(secret, seconds) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(seconds / STEP_SECONDS)));
  const hash = createHmac("sha1", bytes(secret)).update(counter).digest();
  const offset = hash[19] & 15;
  const number = (hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000;
  return String(number).padStart(6, "0");
}

const lastStep = new Map();

/** A code not used before: a used one is refused, so this may wait for the next. */
export async function freshCode(secret) {
  const step = () => Math.floor(Date.now() / 1000 / STEP_SECONDS);
  while (lastStep.get(secret) === step()) await pause(500);
  lastStep.set(secret, step());
  return codeAt(secret, Date.now() / 1000);
}
