// An agent on the Vercel AI SDK with its telemetry on.
import { embed, generateText, stepCountIs, streamText, tool } from "ai";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { z } from "zod";
import { startModel } from "./model.mjs";
import { startTelemetry } from "./otel.cjs";

const telemetry = startTelemetry();
const model = await startModel();
const openai = createOpenAI({ baseURL: model.url, apiKey: "none" });
const anthropic = createAnthropic({ baseURL: model.url, apiKey: "none" });
const weather = tool({
  description: "The weather in a city",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `rain in ${city}`,
});
const traced = (functionId) => ({ isEnabled: true, functionId, metadata: { team: "travel" } });
const ask = (functionId, llm) => ({
  model: llm,
  prompt: "Do I need an umbrella?",
  tools: { weather },
  stopWhen: stepCountIs(3),
  experimental_telemetry: traced(functionId),
});

await generateText(ask("forecaster", openai.chat("gpt-5-mini")));
await streamText(ask("reporter", openai("gpt-5-mini"))).consumeStream();
await generateText(ask("planner", anthropic("claude-sonnet-4-5")));
await embed({ model: openai.embedding("text-embedding-3-small"), value: "umbrella", experimental_telemetry: traced("indexer") });
await telemetry.shutdown();
model.close();
