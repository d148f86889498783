// The peer's webhook listener: check the signature, parse, seal, queue once per message id, answer 200.
import { createHmac, timingSafeEqual } from "node:crypto";
import { Queue } from "bullmq";
import Fastify from "fastify";
import { connect, QUEUE, readSettings, seal } from "./settings.js";

const settings = readSettings();
const secret = Buffer.from(settings.secret);
const key = Buffer.from(settings.key, "hex");
const firms = new Map(Object.entries(settings.firms));
const queue = new Queue(QUEUE, {
  connection: connect(settings),
  // Finished jobs stay as long as Meta may send again: their ids are the memory of what was seen.
  defaultJobOptions: { removeOnComplete: { age: 8 * 24 * 3600 } },
});

const app = Fastify({ logger: false, bodyLimit: 4 * 1024 * 1024, keepAliveTimeout: 15_000, exposeHeadRoutes: false });

// The signature is over the bytes as they came, so they are parsed after it was checked.
app.removeAllContentTypeParsers();
app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

function isSigned(header, body) {
  if (typeof header !== "string" || !header.startsWith("sha256=")) return false;
  const shown = Buffer.from(header.slice(7), "hex");
  const wanted = createHmac("sha256", secret).update(body).digest();
  return shown.length === wanted.length && timingSafeEqual(shown, wanted);
}

app.post("/webhooks/whatsapp", async (request, reply) => {
  const body = request.body;
  if (!isSigned(request.headers["x-hub-signature-256"], body)) return reply.code(403).send();
  const value = JSON.parse(body).entry?.[0]?.changes?.[0]?.value;
  const tenant = firms.get(value?.metadata?.phone_number_id);
  const id = value?.messages?.[0]?.id ?? value?.statuses?.[0]?.id;
  if (tenant === undefined || id === undefined) return reply.code(404).send();
  // A job id that is known already adds nothing: BullMQ's own way to do a thing once.
  await queue.add("webhook", { tenant, sealed: seal(key, tenant, body) }, { jobId: id });
  return reply.code(200).send();
});

process.once("SIGTERM", async () => {
  await app.close();
  await queue.close();
  process.exit(0);
});

await queue.waitUntilReady();
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(JSON.stringify({ port: app.server.address().port }));
