import { failure, reasonOf } from "./http.js";

/**
 * Server-sent events from one address, for as long as it takes: reconnects with a growing pause, resumes by the id of the last
 * event, and takes silence for a broken connection.
 */
export class EventStream {
  #closing = new AbortController();
  #lastId = "";
  /** @type {string | null} */
  #trouble = null;

  /**
   * @param {import("./http.js").Http} http
   * @param {string} path
   * @param {{
   *   onEvent: (event: {name: string, id: string, data: string}) => void,
   *   log: {warn: (text: string) => void, info?: (text: string) => void},
   *   silenceMs?: number, firstPauseMs?: number, longestPauseMs?: number,
   * }} options silenceMs: after how long without a byte to connect anew; the pipeline sends one every 15 s
   */
  constructor(http, path, { onEvent, log, silenceMs = 30_000, firstPauseMs = 200, longestPauseMs = 10_000 }) {
    this.http = http;
    this.path = path;
    this.onEvent = onEvent;
    this.log = log;
    this.silenceMs = silenceMs;
    this.firstPauseMs = firstPauseMs;
    this.longestPauseMs = longestPauseMs;
  }

  /** Why nothing can be read now; null when it can. */
  get trouble() {
    return this.#trouble;
  }

  /** Reads until {@link close}; never throws. */
  async run() {
    let pause = this.firstPauseMs;
    while (!this.#closing.signal.aborted) {
      let wait;
      try {
        await this.#readOnce(() => {
          pause = this.firstPauseMs;
        });
        wait = pause;
      } catch (error) {
        if (this.#closing.signal.aborted) {
          return;
        }
        this.#met(reasonOf(error));
        wait = error instanceof Error && "retryAfterMs" in error && typeof error.retryAfterMs === "number" ? error.retryAfterMs : pause;
      }
      // Half of it by chance, so that not all clients of an instance that stopped come again at once.
      await this.#sleep(wait / 2 + (Math.random() * wait) / 2);
      pause = Math.min(pause * 2, this.longestPauseMs);
    }
  }

  close() {
    this.#closing.abort();
  }

  /** @param {() => void} onRead called when something was read */
  async #readOnce(onRead) {
    const attempt = new AbortController();
    const end = () => attempt.abort(new Error("closed"));
    this.#closing.signal.addEventListener("abort", end);
    const watchdog = new Watchdog(this.silenceMs, () => attempt.abort(new Error(`nothing came for ${this.silenceMs} ms`)));
    try {
      const headers = { Accept: "text/event-stream", ...(this.#lastId && { "Last-Event-ID": this.#lastId }) };
      const response = await this.http.open(this.path, { headers, signal: attempt.signal });
      if (!response.ok || !response.body) {
        throw failure(this.path, response, await response.text());
      }
      const parser = new EventParser((event) => {
        this.onEvent(event);
        // Only what was handed over may be skipped next time.
        this.#lastId = event.id || this.#lastId;
      });
      const decoder = new TextDecoder();
      for await (const bytes of response.body) {
        watchdog.feed();
        this.#over();
        onRead();
        parser.take(decoder.decode(bytes, { stream: true }));
      }
    } catch (error) {
      throw attempt.signal.aborted ? attempt.signal.reason : error;
    } finally {
      watchdog.stop();
      this.#closing.signal.removeEventListener("abort", end);
      attempt.abort();
    }
  }

  /** @param {string} why */
  #met(why) {
    if (this.#trouble === null) {
      this.log.warn(`Commands cannot be read from ${this.http.base}; trying on: ${why}`);
    }
    this.#trouble = why;
  }

  #over() {
    if (this.#trouble !== null) {
      this.log.info?.(`Commands are read from ${this.http.base} again`);
      this.#trouble = null;
    }
  }

  /** @param {number} ms */
  async #sleep(ms) {
    const signal = this.#closing.signal;
    await new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve(undefined);
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
    });
  }
}

/** Calls back when it was not fed in time. */
class Watchdog {
  /** @param {number} ms @param {() => void} bark */
  constructor(ms, bark) {
    this.ms = ms;
    this.bark = bark;
    this.feed();
  }

  feed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.bark, this.ms);
  }

  stop() {
    clearTimeout(this.timer);
  }
}

/** Text in pieces to events, as the HTML standard tells; comments and retry times are passed over. */
export class EventParser {
  #rest = "";
  #name = "";
  #id = "";
  /** @type {string[]} */
  #data = [];

  /** @param {(event: {name: string, id: string, data: string}) => void} onEvent */
  constructor(onEvent) {
    this.onEvent = onEvent;
  }

  /** @param {string} text */
  take(text) {
    this.#rest += text;
    // A carriage return at the very end may be half of a line end.
    const whole = this.#rest.endsWith("\r") ? this.#rest.slice(0, -1) : this.#rest;
    const lines = whole.split(/\r\n|\n|\r/);
    const last = /** @type {string} */ (lines.pop());
    this.#rest = last + this.#rest.slice(whole.length);
    lines.forEach((line) => this.#line(line));
  }

  /** @param {string} line */
  #line(line) {
    if (line === "") {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") {
      this.#data.push(value);
    } else if (field === "event") {
      this.#name = value;
    } else if (field === "id") {
      this.#id = value;
    }
  }

  #dispatch() {
    const event = { name: this.#name || "message", id: this.#id, data: this.#data.join("\n") };
    const complete = this.#data.length > 0;
    this.#name = "";
    this.#id = "";
    this.#data = [];
    if (complete) {
      this.onEvent(event);
    }
  }
}
