// An agent on LangChain with OpenInference's instrumentation.
import { LangChainInstrumentation } from "@arizeai/openinference-instrumentation-langchain";
import * as callbacks from "@langchain/core/callbacks/manager";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent, tool } from "langchain";
import { z } from "zod";
import { startModel } from "./model.mjs";
import { startTelemetry } from "./otel.cjs";

new LangChainInstrumentation().manuallyInstrument(callbacks);

const telemetry = startTelemetry();
const model = await startModel();
const weather = tool(async ({ city }) => `rain in ${city}`, {
  name: "weather",
  description: "The weather in a city",
  schema: z.object({ city: z.string() }),
});
const llm = new ChatOpenAI({ model: "gpt-5-mini", apiKey: "none", configuration: { baseURL: model.url } });
const messages = [{ role: "user", content: "Do I need an umbrella?" }];
const config = { configurable: { thread_id: "thread-1" }, metadata: { session_id: "session-1", user_id: "user-1" } };

await createAgent({ name: "forecaster", model: llm, tools: [weather] }).invoke({ messages }, config);
const reporter = createAgent({ name: "reporter", model: llm, tools: [weather] });
for await (const part of await reporter.stream({ messages }, { ...config, streamMode: "messages" })) {
  void part;
}
await telemetry.shutdown();
model.close();
