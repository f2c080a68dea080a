import { tightest } from "./caps.js";
import { AdmissionDenied, FuselineError } from "./errors.js";
import { LeaseAccount } from "./lease-account.js";
import { toPico, toText } from "./money.js";

/**
 * @typedef {import("../index.d.ts").CallDetails} CallDetails
 * @typedef {import("../index.d.ts").Caps} Caps
 * @typedef {import("./lease-account.js").Taken} Taken
 * @typedef {{
 *   http: import("./http.js").Http,
 *   identity: Record<string, string | undefined>,
 *   settings: Required<import("../index.d.ts").GuardOptions>,
 *   checkpoint: (signal?: AbortSignal) => Promise<Caps | null>,
 *   changed: (ms: number) => Promise<void>,
 *   onClose: () => void,
 * }} Surroundings identity: the fields of each question that name the run; checkpoint: throws when the run is stopped; changed:
 *   resolves when commands have come, or after so long
 */

const LEAST_PAUSE_MS = 100;
const BLIND = "control-blind";
const MOST_ACCOUNTS = 256;

/** Asks before a run spends: from leases held here, else from the pipeline. Calls beside each other never spend the same money. */
export class Guard {
  /** By what a lease is for: one for a tool must not pay for another. @type {Map<string, LeaseAccount>} */
  #accounts = new Map();
  /** Who asks for an account's lease now. @type {Map<LeaseAccount, Promise<unknown>>} */
  #asking = new Map();
  #closed = false;

  /** @param {Surroundings} surroundings */
  constructor(surroundings) {
    this.surroundings = surroundings;
    this.settings = surroundings.settings;
  }

  /**
   * Resolves when a call of about this cost may be made. Rests while the run is paused or waits for approval.
   *
   * @param {string} estimate decimal text, such as "0.18"
   * @param {CallDetails} [details]
   * @returns {Promise<GuardedCall>} to be settled by {@link GuardedCall#after}
   * @throws {import("./errors.js").RunStopped} when a command has stopped the run
   * @throws {AdmissionDenied} when a budget stands against it, nobody approves, or nobody answers
   */
  async before(estimate, details = {}) {
    const amount = toPico(estimate, "estimate");
    const account = this.#holdsLeases(amount, details) ? this.#account(details) : null;
    const waits = { approvalUntil: 0, answerUntil: 0, pauseMs: LEAST_PAUSE_MS, noLease: account === null };
    for (;;) {
      if (this.#closed) {
        throw new Error("The guard is closed");
      }
      const commanded = await this.surroundings.checkpoint(details.signal);
      const taken = account?.take(amount, performance.now());
      if (account && taken) {
        return new GuardedCall(amount, tightest([commanded, account.caps]), taken);
      }
      const busy = account && this.#asking.get(account);
      if (busy) {
        await busy;
        continue;
      }
      const question = this.#ask(amount, details, account, waits);
      if (account) {
        this.#asking.set(
          account,
          question.then(
            () => undefined,
            () => undefined,
          ),
        );
      }
      let allowed;
      try {
        allowed = await question;
      } finally {
        if (account) {
          this.#asking.delete(account);
        }
      }
      if (allowed) {
        try {
          // A command may have come while the question was under way.
          const now = await this.surroundings.checkpoint(details.signal);
          return new GuardedCall(amount, tightest([now, allowed.caps]), allowed.taken);
        } catch (stopped) {
          allowed.taken?.settle(0n);
          throw stopped;
        }
      }
      await this.surroundings.changed(waits.pauseMs);
    }
  }

  /** Gives back what is left of all leases; calls under way may still be settled. */
  async close() {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.surroundings.onClose();
    for (const account of this.#accounts.values()) {
      const back = account.giveBack();
      if (back) {
        try {
          await this.#post("/v1/admission/release", { holder: this.settings.holder, lease_id: back.leaseId, used: toText(back.used) });
          account.told(back);
        } catch {
          // It runs out by itself, within seconds.
        }
      }
    }
  }

  /** @param {bigint} amount @param {CallDetails} details */
  #holdsLeases(amount, details) {
    // A call whose declared value may need approval is always asked for.
    return this.settings.leaseCalls > 0 && amount > 0n && details.actionValue === undefined;
  }

  /** @param {CallDetails} details @returns {LeaseAccount} */
  #account(details) {
    const key = JSON.stringify([details.tool ?? null, details.model ?? null, details.runId ?? null]);
    const account = this.#accounts.get(key) ?? new LeaseAccount();
    this.#accounts.delete(key);
    this.#accounts.set(key, account);
    if (this.#accounts.size > MOST_ACCOUNTS) {
      const [eldest] = this.#accounts.keys();
      this.#accounts.delete(eldest); // its lease runs out by itself
    }
    return account;
  }

  /**
   * Asks the pipeline once.
   *
   * @param {bigint} amount
   * @param {CallDetails} details
   * @param {LeaseAccount | null} account
   * @param {{approvalUntil: number, answerUntil: number, pauseMs: number, noLease: boolean}} waits
   * @returns {Promise<{caps: Caps | null, taken: Taken | null} | null>} null: ask again after `waits.pauseMs`
   */
  async #ask(amount, details, account, waits) {
    const back = account?.giveBack() ?? null;
    const asked = performance.now();
    let answer;
    try {
      answer = await this.#post("/v1/admission", {
        estimate: toText(amount),
        run_id: details.runId,
        tool: details.tool,
        model: details.model,
        action_value: details.actionValue,
        ...(!waits.noLease && { holder: this.settings.holder, lease: toText(amount * BigInt(this.settings.leaseCalls)) }),
        ...(back && { lease_id: back.leaseId, used: toText(back.used) }),
      });
    } catch (error) {
      if (error instanceof FuselineError && error.problem?.decision === "DENY") {
        account?.told(back);
        throw denied(error.problem, error.retryAfterMs);
      }
      if (!waits.noLease && error instanceof FuselineError && String(error.problem?.type).endsWith(BLIND)) {
        // No leases while the pipeline does not see what is spent; for a single call it still answers.
        waits.noLease = true;
        waits.pauseMs = 0;
        return null;
      }
      return this.#unanswered(error, waits);
    }
    waits.answerUntil = 0;
    account?.told(back);
    if (answer.decision === "NEEDS_APPROVAL") {
      return this.#unapproved(answer, waits);
    }
    const caps = answer.decision === "THROTTLE" ? (answer.caps ?? null) : null;
    if (account && answer.lease) {
      account.caps = caps;
      const lease = {
        leaseId: answer.lease.lease_id,
        amount: toPico(answer.lease.amount, "amount of the lease"),
        // By this machine's clock, from before the question: never later than the pipeline's.
        goodUntil: asked + answer.lease.ttl_ms,
      };
      return { caps, taken: account.open(lease, amount) };
    }
    return { caps, taken: null };
  }

  /** @param {any} answer @param {{approvalUntil: number, pauseMs: number}} waits */
  #unapproved(answer, waits) {
    const now = performance.now();
    waits.approvalUntil ||= now + this.settings.approvalTimeoutMs;
    if (now >= waits.approvalUntil) {
      throw new AdmissionDenied("NOT_APPROVED", `Nobody has approved within ${this.settings.approvalTimeoutMs} ms: ${answer.reason}`, {
        ...answer,
        ...answer.binding,
      });
    }
    waits.pauseMs = Math.min(Math.max(answer.retry_after_ms ?? 1_000, LEAST_PAUSE_MS), waits.approvalUntil - now);
    return null;
  }

  /** @param {unknown} error @param {{answerUntil: number, pauseMs: number}} waits */
  #unanswered(error, waits) {
    if (!(error instanceof FuselineError) || !error.isPassing) {
      throw error;
    }
    const now = performance.now();
    if (waits.answerUntil === 0) {
      waits.answerUntil = now + this.settings.patienceMs;
      waits.pauseMs = LEAST_PAUSE_MS;
    }
    if (now < waits.answerUntil) {
      waits.pauseMs = Math.min(error.retryAfterMs ?? waits.pauseMs * 2, waits.answerUntil - now);
      return null;
    }
    if (this.settings.whenUnanswered === "allow") {
      return { caps: null, taken: null };
    }
    throw new AdmissionDenied("NO_ANSWER", `Nobody has said within ${this.settings.patienceMs} ms whether this may be spent: ${error.message}`);
  }

  /** @param {string} path @param {Record<string, unknown>} question */
  async #post(path, question) {
    return await this.surroundings.http.post(path, { ...this.surroundings.identity, ...question }, this.settings.requestTimeoutMs);
  }
}

/** A call that may be made. */
export class GuardedCall {
  #amount;
  #taken;

  /** @param {bigint} amount @param {Caps | null} caps @param {Taken | null} taken */
  constructor(amount, caps, taken) {
    this.#amount = amount;
    this.#taken = taken;
    /** Limits for this call; null: none. */
    this.caps = caps;
  }

  /** What was reserved, as decimal text. */
  get estimate() {
    return toText(this.#amount);
  }

  /**
   * Says what the call has cost; until then its estimate counts as spent. Only the first time counts.
   *
   * @param {string} actual decimal text; "0" when the call was not made
   */
  after(actual) {
    this.#taken?.settle(toPico(actual, "actual"));
  }
}

/** @param {Record<string, any>} problem @param {number} [retryAfterMs] */
function denied(problem, retryAfterMs) {
  const isStopped = String(problem.type).endsWith("stopped");
  return new AdmissionDenied(isStopped ? "STOPPED" : "BUDGET", problem.detail ?? problem.title ?? "Denied", problem, retryAfterMs);
}
