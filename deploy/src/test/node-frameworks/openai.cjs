// OpenAI's own SDK under the instrumentation that the first argument names: a tool loop, a stream, an embedding.
const { OpenAIInstrumentation } = require(process.argv[2]);
const { startTelemetry } = require("./otel.cjs");

const telemetry = startTelemetry([new OpenAIInstrumentation()]);
const { OpenAI } = require("openai");

const question = { role: "user", content: "Do I need an umbrella?" };
const weather = { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } };
const tools = [{ type: "function", function: weather }];

async function run() {
  const { startModel } = await import("./model.mjs");
  const model = await startModel();
  const client = new OpenAI({ baseURL: model.url, apiKey: "none" });

  const first = await client.chat.completions.create({ model: "gpt-5-mini", messages: [question], tools });
  const asked = first.choices[0].message;
  const results = asked.tool_calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: "rain" }));
  const stream = await client.chat.completions.create({
    model: "gpt-5-mini",
    messages: [question, asked, ...results],
    tools,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const part of stream) {
    void part;
  }
  await client.responses.create({ model: "gpt-5-mini", input: [question] });
  await client.embeddings.create({ model: "text-embedding-3-small", input: "umbrella" });

  await telemetry.shutdown();
  model.close();
}

run();
