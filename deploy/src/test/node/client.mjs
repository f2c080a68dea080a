// An agent runtime in Node: writes the spans of a run that calls the same tools in circles, is told to end it, and obeys.
// The command goes to standard output as JSON, what happens to standard error.
//
//   node client.mjs --bootstrap-servers 127.0.0.1:9092 --registry-url http://127.0.0.1:8081/apis/ccompat/v7
import { createHash, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import kafkajs from "kafkajs";
import lz4 from "lz4js";
import { openRegistry, toJson } from "./records.mjs";

const { values: options } = parseArgs({
  options: {
    "bootstrap-servers": { type: "string", default: "127.0.0.1:9092" },
    "registry-url": { type: "string", default: "http://127.0.0.1:8081/apis/ccompat/v7" },
    "topic-prefix": { type: "string", default: "" },
    "run-id": { type: "string", default: `node-${randomUUID()}` },
    "wait-seconds": { type: "string", default: "60" },
  },
});

// The pipeline compresses with LZ4, which KafkaJS leaves to another library.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4] = () => ({
  compress: async ({ buffer }) => Buffer.from(lz4.compress(buffer)),
  decompress: async (buffer) => Buffer.from(lz4.decompress(buffer)),
});

const topic = (name) => options["topic-prefix"] + name;
const runId = options["run-id"];
const registry = openRegistry(options["registry-url"]);
const kafka = new kafkajs.Kafka({
  clientId: "fuseline-node-client",
  brokers: options["bootstrap-servers"].split(","),
  logLevel: kafkajs.logLevel.ERROR,
});

const say = (text) => process.stderr.write(`client: ${text}\n`);
const nowMicros = () => Date.now() * 1000;

/** Equal texts have equal hashes; all 64 bits are used. */
const hash = (text) => createHash("sha256").update(text).digest().readBigInt64BE();

/** What the agent does in one round: asks the model, then calls three tools, always with the same arguments and results. */
function round(number) {
  const span = (name, fields) => ({
    span_id: `${runId}-${number}-${name}`,
    run_id: runId,
    root_run_id: runId,
    agent_id: "node-researcher",
    end_time: nowMicros(),
    source_dialect: "avro",
    ...fields,
  });
  const call = (name, text) =>
    span(name, { kind: "TOOL", provider: "local", tool_name: name, argument_hash: hash(text), result_hash: hash("nothing found") });
  return [
    span("ask", {
      kind: "LLM",
      provider: "anthropic",
      response_model: "claude-opus-4-5",
      usage: { input_tokens: 1_200, output_tokens: 150 },
      reported_cost: "0.00975",
      reported_cost_currency: "USD",
    }),
    call("search", "fuseline"),
    call("open", "page 1"),
    call("summarise", "page 1"),
  ];
}

async function writeSpans(producer) {
  for (let number = 1; number <= 3; number++) {
    const messages = [];
    for (const span of round(number)) {
      // The root run id is the key: one run is judged in one place, in the order it was written.
      messages.push({ key: runId, value: await registry.encode(topic("agent-spans"), span) });
    }
    await producer.send({ topic: topic("agent-spans"), messages });
  }
}

/** Where the topic ends now; what is written later stands behind it. */
async function endOf(name) {
  const admin = kafka.admin();
  await admin.connect();
  const partitions = await admin.fetchTopicOffsets(name);
  await admin.disconnect();
  return partitions.map(({ partition, high }) => ({ topic: name, partition, offset: high }));
}

/** The first KILL of our run from these positions on, or an error when none comes in time. */
async function awaitKill(positions) {
  const consumer = kafka.consumer({
    // A group of our own: every process must see every command.
    groupId: `node-client-${randomUUID()}`,
    // Commands count as soon as they are written, up to a second before their transaction commits.
    readUncommitted: true,
  });
  await consumer.connect();
  await consumer.subscribe({ topic: topic("agent-commands") });
  try {
    return await new Promise((resolve, reject) => {
      const seconds = Number(options["wait-seconds"]);
      const fail = () => reject(new Error(`no KILL for ${runId} within ${seconds} s: is the pipeline running, with a policy for loops?`));
      setTimeout(fail, seconds * 1000).unref();
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      const eachMessage = async ({ message }) => {
        const command = await registry.decode(message.value);
        if (command.action === "KILL" && command.target_type === "RUN" && command.target === runId) {
          resolve(command);
        }
      };
      consumer.run({ eachMessage }).then(() => positions.forEach((position) => consumer.seek(position)), reject);
    });
  } finally {
    await consumer.disconnect();
  }
}

/** Says that the run has ended, and what it had spent. */
async function acknowledge(producer, command) {
  const ack = {
    command_id: command.command_id,
    result: "STOPPED",
    tenant_id: command.tenant_id,
    target_type: command.target_type,
    target: command.target,
    epoch: command.epoch,
    runtime: hostname(),
    root_run_ids: [runId],
    spend_at_stop: command.spend, // nothing was spent since
    currency: command.currency,
    acked_at: nowMicros(),
  };
  await producer.send({
    topic: topic("command-acks"),
    messages: [{ key: ack.target, value: await registry.encode(topic("command-acks"), ack) }],
  });
}

const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
await producer.connect();
try {
  const end = await endOf(topic("agent-commands"));
  await writeSpans(producer);
  say(`run ${runId} has written its spans`);
  const command = await awaitKill(end);
  say(`killed: ${command.reason}`);
  await acknowledge(producer, command);
  say("acknowledged");
  process.stdout.write(`${toJson(command)}\n`);
} finally {
  await producer.disconnect();
}
