// The peer's worker: open a job, parse, normalise, and write three rows into the firm's file.
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { Worker } from "bullmq";
import { connect, QUEUE, readSettings, unseal } from "./settings.js";

const settings = readSettings();
const key = Buffer.from(settings.key, "hex");

const SCHEMA = `
CREATE TABLE IF NOT EXISTS message (
  seq INTEGER PRIMARY KEY, wamid TEXT NOT NULL UNIQUE, conversation TEXT NOT NULL, type TEXT NOT NULL,
  sent_at INTEGER NOT NULL, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS audit_log (
  n INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL);
`;

/** One file per firm, as lhwa has it. NORMAL, because the job is still in Redis when the file loses its last commits. */
function openFirm(Database, tenant) {
  const db = new Database(join(settings.folder, `${tenant}.db`));
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = NORMAL");
  db.exec(SCHEMA);
  const message = db.prepare("INSERT INTO message (wamid, conversation, type, sent_at, content) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const event = db.prepare("INSERT INTO event (id, type, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  const audit = db.prepare("INSERT INTO audit_log (at, actor, action, subject) VALUES (?, ?, ?, ?)");
  return db.transaction((found) => {
    message.run(found.wamid, found.sender, found.type, found.sentAt, found.content);
    event.run(found.wamid, "MessageReceived", found.sentAt);
    audit.run(found.sentAt, "system:worker", "message.received", found.wamid);
  });
}

async function database() {
  if (!settings.database) return null;
  const { default: Database } = await import("better-sqlite3");
  return Database;
}

const Database = await database();
const firms = new Map();
function firm(tenant) {
  let write = firms.get(tenant);
  if (write === undefined) firms.set(tenant, (write = openFirm(Database, tenant)));
  return write;
}

function normalise(body) {
  const found = [];
  for (const entry of JSON.parse(body).entry) {
    for (const change of entry.changes) {
      for (const item of change.value.messages ?? []) {
        const sender = createHmac("sha256", key).update(`phone|+${item.from}`).digest("hex");
        const sentAt = Number(item.timestamp) * 1000;
        found.push({ wamid: item.id, sender, type: item.type, sentAt, content: JSON.stringify(item[item.type]) });
      }
    }
  }
  return found;
}

const latencies = [];
const worker = new Worker(
  QUEUE,
  async (job) => {
    const { tenant, sealed } = job.data;
    const found = normalise(unseal(key, tenant, sealed));
    if (Database !== null) for (const each of found) firm(tenant)(each);
    if (settings.latencies) latencies.push(performance.timeOrigin + performance.now() - job.timestamp);
  },
  { connection: connect(settings), concurrency: settings.concurrency, removeOnComplete: { age: 8 * 24 * 3600 } },
);

process.once("SIGTERM", async () => {
  await worker.close();
  // A pipe takes what is longer than 64 KiB in pieces: end only when all of it is on its way.
  process.stdout.write(settings.latencies ? `${JSON.stringify({ latencies })}\n` : "", () => process.exit(0));
});

await worker.waitUntilReady();
console.log(JSON.stringify({ ready: true, database: Database !== null }));
