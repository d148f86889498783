// What the two processes of the peer are told on stdin, and what they share: the Redis connection and the seal.
import { createCipheriv, createDecipheriv, randomFillSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { Redis } from "ioredis";

export const QUEUE = "webhooks";

/** @returns {{redis: string, secret: string, key: string, firms: Record<string, string>, folder: string, concurrency: number}} */
export function readSettings() {
  return JSON.parse(readFileSync(0, "utf8"));
}

/** A connection as BullMQ's guide asks for it. ioredis's automatic pipelining was measured and costs here: 10-20% less. */
export function connect(settings) {
  return new Redis(settings.redis, { maxRetriesPerRequest: null, enableReadyCheck: false });
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
// Nonces come from one block for many seals: a call into the system's generator for each would be the peer's loss.
const nonces = Buffer.alloc(NONCE_BYTES * 512);
let nextNonce = nonces.length;

function nonce() {
  if (nextNonce === nonces.length) {
    randomFillSync(nonces);
    nextNonce = 0;
  }
  nextNonce += NONCE_BYTES;
  return Buffer.from(nonces.subarray(nextNonce - NONCE_BYTES, nextNonce));
}

/** AES-256-GCM, bound to the firm: nonce, tag, ciphertext, as base64, because a job of BullMQ is JSON. */
export function seal(key, tenant, body) {
  const iv = nonce();
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(Buffer.from(tenant));
  const sealed = cipher.update(body);
  cipher.final();
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64");
}

export function unseal(key, tenant, text) {
  const blob = Buffer.from(text, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, blob.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(tenant));
  decipher.setAuthTag(blob.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const body = decipher.update(blob.subarray(NONCE_BYTES + TAG_BYTES));
  decipher.final();
  return body;
}
