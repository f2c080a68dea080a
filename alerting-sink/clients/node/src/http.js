import { FuselineError } from "./errors.js";

/** Requests to one pipeline address. */
export class Http {
  /**
   * @param {string} url such as http://127.0.0.1:8420
   * @param {{token?: string, fetch?: typeof fetch}} [options] token: the pipeline's `ingest.token`
   */
  constructor(url, { token, fetch = globalThis.fetch } = {}) {
    try {
      this.base = new URL(url).href.replace(/\/+$/, "");
    } catch (cause) {
      throw new TypeError(`url is ${url}, expected the pipeline's address such as http://127.0.0.1:8420`, { cause });
    }
    this.token = token;
    this.fetch = fetch;
  }

  /** @param {string} path @param {RequestInit} init @returns {Promise<Response>} */
  async open(path, init) {
    const headers = new Headers(init.headers);
    if (this.token) {
      headers.set("Authorization", `Bearer ${this.token}`);
    }
    return await this.fetch(this.base + path, { ...init, headers });
  }

  /**
   * Sends JSON and reads JSON.
   *
   * @param {string} path
   * @param {unknown} body
   * @param {number} timeoutMs
   * @returns {Promise<any>} null for an empty answer
   * @throws {FuselineError} for any answer but 2xx, and for none
   */
  async post(path, body, timeoutMs) {
    let response;
    let text;
    try {
      response = await this.open(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json, application/problem+json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      text = await response.text();
    } catch (cause) {
      throw new FuselineError(`${this.base}${path} does not answer: ${reasonOf(cause)}`, { cause });
    }
    if (!response.ok) {
      throw failure(this.base + path, response, text);
    }
    return text ? JSON.parse(text) : null;
  }
}

/**
 * @param {string} address
 * @param {Response} response
 * @param {string} text its body
 */
export function failure(address, response, text) {
  const problem = parsed(text);
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return new FuselineError(
    `${address} answers ${response.status}: ${problem ? [problem.detail, problem.action].filter(Boolean).join(" ") : text.slice(0, 200)}`,
    { status: response.status, problem, retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined },
  );
}

/** @param {string} text */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What fetch wraps, such as ECONNREFUSED, else its own words. @param {any} error @returns {string} */
export const reasonOf = (error) => error?.cause?.code ?? error?.message ?? String(error);
