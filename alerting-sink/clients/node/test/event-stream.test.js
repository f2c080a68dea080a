import assert from "node:assert/strict";
import { test } from "node:test";
import { EventParser, EventStream } from "../src/event-stream.js";
import { Http } from "../src/http.js";
import { command, Pipeline, quiet, until } from "../support/pipeline.js";

const TEXT = ": subscribed\n\nid: a\nevent: command\ndata: {\"x\":\ndata: 1}\n\nretry: 5\r\nid:b\r\ndata:second\r\n\r\nevent: empty\n\n";

test("should read the same events however the bytes are cut", () => {
  for (let size = 1; size <= TEXT.length; size++) {
    const events = [];
    const parser = new EventParser((event) => events.push(event));
    for (let from = 0; from < TEXT.length; from += size) {
      parser.take(TEXT.slice(from, from + size));
    }
    assert.deepEqual(events, [
      { name: "command", id: "a", data: '{"x":\n1}' },
      { name: "message", id: "b", data: "second" },
    ]);
  }
});

async function withStream(options, work) {
  const pipeline = await Pipeline.start();
  const ids = [];
  const stream = new EventStream(new Http(pipeline.url), "/v1/commands?tenant=acme", {
    onEvent: (event) => event.name === "command" && ids.push(event.id),
    log: quiet,
    firstPauseMs: 10,
    longestPauseMs: 50,
    ...options,
  });
  const ended = stream.run();
  try {
    await work({ pipeline, stream, ids });
  } finally {
    stream.close();
    await ended;
    await pipeline.stop();
  }
}

test("should go on after the last event when the connection breaks", () =>
  withStream({}, async ({ pipeline, ids }) => {
    const [first, second] = [command("KILL", "run-1"), command("KILL", "run-2")];
    pipeline.known = [first];
    await until("the first command", () => ids.length === 1);

    pipeline.streams.forEach((stream) => stream.destroy());
    await until("the break was seen", () => pipeline.streams.size === 0);
    pipeline.send(second);

    await until("the second command", () => ids.length === 2);
    assert.deepEqual(ids, [first.command_id, second.command_id]);
    assert.equal(pipeline.requests.at(-1).headers["last-event-id"], first.command_id);
  }));

test("should connect anew when nothing comes for too long", () =>
  withStream({ silenceMs: 50 }, async ({ pipeline }) => {
    await until("a third connection", () => pipeline.requests.length >= 3);
  }));

test("should keep trying while the pipeline is away, and say so once", async () => {
  const warnings = [];
  await withStream({ log: { warn: (text) => warnings.push(text) } }, async ({ pipeline, stream, ids }) => {
    await until("a connection", () => pipeline.streams.size === 1);
    const { port } = pipeline;
    await pipeline.stop();
    await until("trouble", () => stream.trouble !== null);
    await new Promise((resolve) => setTimeout(resolve, 200));

    await pipeline.listen(port);
    pipeline.send(command("KILL", "run-1"));

    await until("the command", () => ids.length === 1);
    assert.equal(stream.trouble, null);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /cannot be read .*trying on/);
  });
});

test("should wait as told when the pipeline has too many subscribers", () =>
  withStream({}, async ({ pipeline }) => {
    await until("a connection", () => pipeline.streams.size === 1);
    pipeline.answer = () => ({ status: 429, headers: { "Retry-After": "1" } });
    pipeline.streams.forEach((stream) => stream.destroy());
    await until("the refusal", () => pipeline.requests.length === 2);
    pipeline.answer = () => ({});
    const refused = Date.now();
    await until("a connection", () => pipeline.streams.size === 1);
    assert.ok(Date.now() - refused >= 450, "half of what was told at least");
  }));
