/** The run must not take another step: it was killed, or a pause outlasted the time one is willing to wait. */
export class RunStopped extends Error {
  /**
   * @param {string} rootRunId
   * @param {import("../index.d.ts").Command} command what stopped it
   * @param {string} why
   */
  constructor(rootRunId, command, why) {
    super(`Run ${rootRunId} ${why} (${command.action} ${command.command_id} of policy ${command.policy_id}): ${command.reason}`);
    this.name = "RunStopped";
    this.rootRunId = rootRunId;
    this.command = command;
  }
}

/** The next call must not be made; `why` and the other fields say what stands against it. */
export class AdmissionDenied extends Error {
  /**
   * @param {"BUDGET" | "STOPPED" | "NOT_APPROVED" | "NO_ANSWER"} why
   * @param {string} message
   * @param {Record<string, any>} [problem] the problem document that the pipeline answered with
   * @param {number} [retryAfterMs] when asking again may help
   */
  constructor(why, message, problem = {}, retryAfterMs = undefined) {
    super(message);
    this.name = "AdmissionDenied";
    this.why = why;
    this.scopeType = problem.scope_type ?? null;
    this.scope = problem.scope ?? null;
    this.policyId = problem.policy_id ?? null;
    this.spend = problem.spend ?? null;
    this.limit = problem.limit ?? null;
    this.currency = problem.currency ?? null;
    this.reset = problem.reset ?? null;
    this.retryAfterMs = retryAfterMs ?? null;
    this.commandId = problem.command_id ?? null;
  }
}

/** The pipeline refused a request, or could not be reached. */
export class FuselineError extends Error {
  /**
   * @param {string} message
   * @param {{status?: number, problem?: Record<string, any>, retryAfterMs?: number, cause?: unknown}} [more]
   */
  constructor(message, { status, problem, retryAfterMs, cause } = {}) {
    super(message, { cause });
    this.name = "FuselineError";
    /** HTTP status; undefined when there was no answer. */
    this.status = status;
    /** The problem document (RFC 9457); undefined when there was none. */
    this.problem = problem;
    /** When asking again may help, as the pipeline says. */
    this.retryAfterMs = retryAfterMs;
  }

  /** True when the same request may do later. */
  get isPassing() {
    return this.status === undefined || this.status === 429 || this.status >= 500;
  }
}
