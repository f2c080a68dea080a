// An agent that tells of its work itself, by OpenTelemetry's GenAI conventions. With the argument "impossible" it also
// tells of a call that cannot have been.
const { trace } = require("@opentelemetry/api");
const { startTelemetry } = require("./otel.cjs");

const telemetry = startTelemetry();
const tracer = trace.getTracer("own-agent");

function span(name, attributes, work = () => {}) {
  return tracer.startActiveSpan(name, { attributes }, (active) => {
    work();
    active.end();
  });
}

function chat(usage) {
  span("chat claude-opus-4-5", {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude-opus-4-5",
    "gen_ai.response.model": "claude-opus-4-5-20251101",
    ...usage,
  });
}

const agent = { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "forecaster" };
span("invoke_agent forecaster", agent, () => {
  chat({
    "gen_ai.usage.input_tokens": 130213,
    "gen_ai.usage.cache_read.input_tokens": 128955,
    "gen_ai.usage.cache_creation.input_tokens": 1253,
    "gen_ai.usage.output_tokens": 300,
  });
  span("execute_tool weather", {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "weather",
    "gen_ai.tool.call.id": "call-1",
    "gen_ai.tool.call.arguments": '{"city":"Bern"}',
    "gen_ai.tool.call.result": "rain",
  });
  if (process.argv.includes("impossible")) {
    chat({ "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": -1 });
  }
});
telemetry.shutdown();
