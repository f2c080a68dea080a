import { createServer } from "node:http";
import { once } from "node:events";

/** The parts of a pipeline that a client talks to; each test says what it answers. */
export class Pipeline {
  /** What was sent, by path. @type {{path: string, headers: import("node:http").IncomingHttpHeaders, body: any}[]} */
  requests = [];
  /** Open event streams. @type {Set<import("node:http").ServerResponse>} */
  streams = new Set();
  /** Commands that a new subscriber gets. @type {any[]} */
  known = [];
  /** @type {(path: string, body: any) => {status?: number, body?: any, headers?: Record<string, string>} | null | Promise<any>} null: no answer at all */
  answer = () => ({ body: {} });

  static async start() {
    const pipeline = new Pipeline();
    pipeline.server = createServer((request, response) => void pipeline.#serve(request, response));
    await pipeline.listen(0);
    return pipeline;
  }

  async listen(port) {
    this.server.listen(port, "127.0.0.1");
    await once(this.server, "listening");
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
  }

  async stop() {
    this.server.close();
    this.server.closeAllConnections();
    if (this.server.listening) {
      await once(this.server, "close");
    }
  }

  /** To all who listen, and to those who come later. */
  send(command) {
    this.known.push(command);
    this.streams.forEach((stream) => stream.write(eventOf(command)));
  }

  sent(path) {
    return this.requests.filter((request) => request.path === path).map((request) => request.body);
  }

  async #serve(request, response) {
    const chunks = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString();
    const path = request.url;
    this.requests.push({ path, headers: request.headers, body: text ? JSON.parse(text) : null });
    if (request.method === "GET" && path.startsWith("/v1/commands")) {
      const refusal = await this.answer(path, null);
      if (refusal?.status) {
        response.writeHead(refusal.status, refusal.headers).end();
        return;
      }
      this.#subscribe(request, response);
      return;
    }
    const answer = await this.answer(path, text ? JSON.parse(text) : null);
    if (answer === null) {
      return;
    }
    const status = answer.status ?? 200;
    const type = status < 400 ? "application/json" : "application/problem+json";
    response.writeHead(status, { "Content-Type": type, ...answer.headers });
    response.end(answer.body === undefined ? "" : JSON.stringify(answer.body));
  }

  #subscribe(request, response) {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(": subscribed\n\n");
    const last = this.known.findIndex((command) => command.command_id === request.headers["last-event-id"]);
    this.known.slice(last + 1).forEach((command) => response.write(eventOf(command)));
    response.write("event: current\ndata: {}\n\n");
    this.streams.add(response);
    response.on("close", () => this.streams.delete(response));
  }
}

const eventOf = (command) => `id: ${command.command_id}\nevent: command\ndata: ${JSON.stringify(command)}\n\n`;

let epoch = 1_772_452_800_000_000;

/** A command for a run of tenant acme, newer than all before. */
export function command(action, target, fields = {}) {
  epoch++;
  return {
    command_id: `cmd-${epoch}`,
    action,
    tenant_id: "acme",
    target_type: "RUN",
    target,
    epoch,
    reason: "It loops.",
    policy_id: "loop",
    policy_version: "1",
    episode_id: "eps-1",
    spend: "1.25",
    currency: "USD",
    event_time: "2026-03-02T12:00:00Z",
    issued_at: new Date(Date.UTC(2026, 2, 2) + (epoch % 1_000_000)).toISOString(),
    deadline: "2026-03-02T12:00:10Z",
    ...fields,
  };
}

/** Waits until it holds, for some seconds at most. */
export async function until(what, holds) {
  const end = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > end) {
      throw new Error(`not within 30 s: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const quiet = { warn() {}, error() {} };
