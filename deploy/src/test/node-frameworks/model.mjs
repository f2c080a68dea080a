// Stands in for the model providers, on the loopback address: it speaks OpenAI's and Anthropic's HTTP
// APIs, asks once for the tool it is offered, answers when it has the result, and reports fixed usage.
import { createServer } from "node:http";

/** What the provider counts, as each API words it. Input includes what the cache gave, but for Anthropic. */
const ASKS_FOR_TOOL = { input: 1200, cached: 1024, output: 40, reasoning: 0 };
const ANSWERS = { input: 1536, cached: 1280, output: 300, reasoning: 128 };
const ANTHROPIC_ASKS = { input_tokens: 3, cache_creation_input_tokens: 12304, cache_read_input_tokens: 0, output_tokens: 50 };
const ANTHROPIC_ANSWERS = { input_tokens: 25, cache_creation_input_tokens: 400, cache_read_input_tokens: 12304, output_tokens: 550 };
const EMBEDDED = 8;

const SNAPSHOTS = { "gpt-5-mini": "gpt-5-mini-2025-08-07", "claude-sonnet-4-5": "claude-sonnet-4-5-20250929" };
const TEXT = "It rains.";
const ARGUMENTS = '{"city":"Bern"}';

let answers = 0;

const routes = {
  "/v1/chat/completions": (request) => {
    const asks = request.tools?.length > 0 && !request.messages.some((message) => message.role === "tool");
    const usage = chatUsage(asks ? ASKS_FOR_TOOL : ANSWERS);
    const head = { id: id("chatcmpl"), created: seconds(), model: snapshot(request.model) };
    const calls = [{ id: id("call"), type: "function", function: { name: toolName(request), arguments: ARGUMENTS } }];
    const message = asks ? { role: "assistant", content: null, tool_calls: calls } : { role: "assistant", content: TEXT };
    const finish = asks ? "tool_calls" : "stop";
    if (!request.stream) {
      return { ...head, object: "chat.completion", choices: [{ index: 0, message, finish_reason: finish }], usage };
    }
    const delta = asks ? { ...message, tool_calls: calls.map((call, index) => ({ index, ...call })) } : message;
    const chunk = { ...head, object: "chat.completion.chunk" };
    return events([
      { ...chunk, choices: [{ index: 0, delta, finish_reason: null }] },
      { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: finish }] },
      ...(request.stream_options?.include_usage ? [{ ...chunk, choices: [], usage }] : []),
    ]);
  },
  "/v1/responses": (request) => {
    const asks = request.tools?.length > 0 && !request.input.some((item) => item.type === "function_call_output");
    const usage = asks ? ASKS_FOR_TOOL : ANSWERS;
    const item = asks
      ? { type: "function_call", id: id("fc"), call_id: id("call"), name: toolName(request), arguments: ARGUMENTS, status: "completed" }
      : { type: "message", id: id("msg"), role: "assistant", status: "completed", content: [{ type: "output_text", text: TEXT, annotations: [] }] };
    const response = {
      id: id("resp"), object: "response", created_at: seconds(), model: snapshot(request.model), status: "completed",
      output: [item],
      usage: {
        input_tokens: usage.input, input_tokens_details: { cached_tokens: usage.cached },
        output_tokens: usage.output, output_tokens_details: { reasoning_tokens: usage.reasoning },
        total_tokens: usage.input + usage.output,
      },
    };
    if (!request.stream) {
      return response;
    }
    const text = asks ? [] : [{ type: "response.output_text.delta", item_id: item.id, output_index: 0, content_index: 0, delta: TEXT }];
    return events([
      { type: "response.created", response: { ...response, status: "in_progress", output: [], usage: null } },
      { type: "response.output_item.added", output_index: 0, item: { ...item, status: "in_progress", content: [] } },
      ...text,
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response },
    ], true);
  },
  "/v1/embeddings": (request) => ({
    object: "list", model: request.model,
    data: [request.input].flat().map((_, index) => ({ object: "embedding", index, embedding: embedding(request) })),
    usage: { prompt_tokens: EMBEDDED, total_tokens: EMBEDDED },
  }),
  "/v1/messages": (request) => {
    const asks = request.tools?.length > 0 && !JSON.stringify(request.messages).includes('"tool_result"');
    const content = asks ? { type: "tool_use", id: id("toolu"), name: toolName(request), input: JSON.parse(ARGUMENTS) } : { type: "text", text: TEXT };
    const usage = asks ? ANTHROPIC_ASKS : ANTHROPIC_ANSWERS;
    const message = {
      id: id("msg"), type: "message", role: "assistant", model: snapshot(request.model),
      content: [content], stop_reason: asks ? "tool_use" : "end_turn", stop_sequence: null, usage,
    };
    if (!request.stream) {
      return message;
    }
    const delta = asks ? { type: "input_json_delta", partial_json: ARGUMENTS } : { type: "text_delta", text: TEXT };
    return events([
      { type: "message_start", message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } } },
      { type: "content_block_start", index: 0, content_block: asks ? { ...content, input: {} } : { ...content, text: "" } },
      { type: "content_block_delta", index: 0, delta },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: message.stop_reason, stop_sequence: null }, usage: { output_tokens: usage.output_tokens } },
      { type: "message_stop" },
    ], true);
  },
};

/** Starts it on a free port. Gives `url`, such as http://127.0.0.1:41234/v1, and `close()`. */
export async function startModel() {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) {
      body += part;
    }
    const route = routes[request.url];
    const answer = route ? route(JSON.parse(body)) : { error: { message: `no such route: ${request.url}` } };
    const stream = typeof answer === "string";
    response.writeHead(route ? 200 : 404, { "content-type": stream ? "text/event-stream" : "application/json" });
    response.end(stream ? answer : JSON.stringify(answer));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}/v1`, close };
}

function chatUsage({ input, cached, output, reasoning }) {
  return {
    prompt_tokens: input, prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens: output, completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
    total_tokens: input + output,
  };
}

/** OpenAI's own client asks for base64 where the caller does not. */
function embedding(request) {
  const numbers = new Float32Array([0.25, 0.5, 0.75]);
  return request.encoding_format === "base64" ? Buffer.from(numbers.buffer).toString("base64") : [...numbers];
}

function events(list, named = false) {
  const lines = list.map((event) => `${named ? `event: ${event.type}\n` : ""}data: ${JSON.stringify(event)}\n\n`);
  return lines.join("") + (named ? "" : "data: [DONE]\n\n");
}

function toolName(request) {
  const tool = request.tools?.[0];
  return tool?.function?.name ?? tool?.name;
}

function snapshot(model) {
  return SNAPSHOTS[model] ?? model;
}

function id(kind) {
  answers += 1;
  return `${kind}-${process.pid}-${answers}`;
}

function seconds() {
  return Math.floor(Date.now() / 1000);
}
