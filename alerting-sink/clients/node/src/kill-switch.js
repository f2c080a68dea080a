import { hostname } from "node:os";
import { applied, partial, refused, unknownTarget } from "./ack.js";
import { CommandGate } from "./command-gate.js";
import { FuselineError, RunStopped } from "./errors.js";
import { EventStream } from "./event-stream.js";
import { Guard } from "./guard.js";
import { Http } from "./http.js";

/**
 * @typedef {import("../index.d.ts").Ack} Ack
 * @typedef {import("../index.d.ts").Command} Command
 * @typedef {import("../index.d.ts").Handlers} Handlers
 * @typedef {import("./command-gate.js").Subject} Subject
 * @typedef {{subject: Subject, handlers: Handlers, isOver: boolean, waiting: number, tail: Promise<void>}} Watching
 */

/** Commands that may wait for one handler; more than that means that it hangs. */
const LANE_CAPACITY = 256;

const SWEEP_INTERVAL_MS = 60_000;
const CLOSE_PATIENCE_MS = 5_000;
const ACK_TIMEOUT_MS = 10_000;
const ACK_PATIENCE_MS = 60_000;

const DEFAULTS = {
  tenant: "default",
  token: undefined,
  startTimeoutMs: 30_000,
  pauseTimeoutMs: 3_600_000,
  horizonMs: 24 * 3_600_000,
  fetch: globalThis.fetch,
  log: console,
};

const GUARD_DEFAULTS = {
  leaseCalls: 10,
  requestTimeoutMs: 2_000,
  patienceMs: 5_000,
  approvalTimeoutMs: 600_000,
  whenUnanswered: "deny",
  role: undefined,
  environment: undefined,
};

/** Fields of a run, with the type of target under which commands reach it. */
const TARGETS = { agentId: "AGENT", team: "TEAM", project: "PROJECT", workflow: "WORKFLOW", costCentre: "COST_CENTRE" };

let guards = 0;

/** Obeys Fuseline's commands in an agent runtime: one per process and tenant, for all its runs. */
export class KillSwitch {
  #settings;
  #http;
  #gate;
  #stream;
  /** @type {Map<Subject, Watching>} */
  #watching = new Map();
  /** @type {Map<string, Guard>} */
  #guards = new Map();
  /** Called when a command has come. @type {Set<() => void>} */
  #waiters = new Set();
  /** Answers under way. @type {Set<Promise<void>>} */
  #acks = new Set();
  #nextSweep = 0;
  #closed = false;
  /** @type {() => void} */
  #caughtUp = () => {};

  /** @param {import("../index.d.ts").KillSwitchOptions} options */
  constructor(options) {
    this.#settings = { ...DEFAULTS, runtime: `${hostname()}/${process.pid}`, ...defined(options) };
    this.#http = new Http(this.#settings.url, this.#settings);
    this.#gate = new CommandGate(this.#settings.tenant);
    this.#stream = new EventStream(this.#http, `/v1/commands?tenant=${encodeURIComponent(this.#settings.tenant)}`, {
      onEvent: (event) => this.#receive(event),
      log: this.#settings.log,
    });
  }

  /**
   * Connects, and resolves once every command of about the last hour is known.
   *
   * @param {import("../index.d.ts").KillSwitchOptions} options
   * @returns {Promise<KillSwitch>}
   * @throws {FuselineError} when that takes longer than `startTimeoutMs`
   */
  static async open(options) {
    const killSwitch = new KillSwitch(options);
    const { url, startTimeoutMs } = killSwitch.#settings;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const caughtUp = new Promise((resolve, reject) => {
      killSwitch.#caughtUp = () => resolve(undefined);
      timer = setTimeout(() => {
        const why = killSwitch.#stream.trouble ?? "the pipeline is silent";
        reject(new FuselineError(`Commands at ${url} could not be read within ${startTimeoutMs} ms: ${why}`));
      }, startTimeoutMs);
    });
    void killSwitch.#stream.run();
    try {
      await caughtUp;
      return killSwitch;
    } catch (error) {
      await killSwitch.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Obeys the commands for a run: those to come, and those that hold for it already, such as the KILL of its agent.
   *
   * @param {import("../index.d.ts").Run} run
   * @param {Handlers | Handlers["onKill"]} handlers
   * @returns {import("../index.d.ts").Watch}
   */
  watchRun(run, handlers) {
    requireId(run?.rootRunId, "rootRunId");
    requireId(run.agentId, "agentId");
    /** @type {Record<string, string>} */
    const attributes = { TENANT: this.#settings.tenant, RUN: run.rootRunId };
    for (const [field, type] of Object.entries(TARGETS)) {
      const value = /** @type {any} */ (run)[field];
      if (value !== undefined && value !== null) {
        attributes[type] = value;
      }
    }
    return this.#watch({ type: "RUN", id: run.rootRunId, attributes }, handlers);
  }

  /**
   * Obeys the commands for an agent as a whole; its runs are watched each for itself. From now on this process answers
   * UNKNOWN_TARGET to commands for runs of this agent that it does not watch.
   *
   * @param {string} agentId
   * @param {Handlers | Handlers["onKill"]} handlers
   * @returns {import("../index.d.ts").Watch}
   */
  watchAgent(agentId, handlers) {
    requireId(agentId, "agentId");
    return this.#watch({ type: "AGENT", id: agentId, attributes: { TENANT: this.#settings.tenant, AGENT: agentId } }, handlers);
  }

  /** @param {string} rootRunId */
  isStopped(rootRunId) {
    return this.#gate.standingOf(rootRunId).kill !== null;
  }

  /** @param {string} rootRunId */
  caps(rootRunId) {
    return this.#gate.standingOf(rootRunId).caps;
  }

  /**
   * To be awaited before each step of a run: resolves when the step may be taken.
   *
   * @param {string} rootRunId
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<import("../index.d.ts").Caps | null>} limits for the step
   * @throws {RunStopped} if the run was killed, or was paused for longer than `pauseTimeoutMs`
   */
  async checkpoint(rootRunId, { signal } = {}) {
    const end = performance.now() + this.#settings.pauseTimeoutMs;
    for (;;) {
      signal?.throwIfAborted();
      if (!this.#gate.watchOf(rootRunId)) {
        throw new Error(`Run ${rootRunId} is not watched; call watchRun before its first step`);
      }
      const { kill, pause, caps } = this.#gate.standingOf(rootRunId);
      if (kill) {
        throw new RunStopped(rootRunId, kill, "was killed");
      }
      if (!pause) {
        return caps;
      }
      if (this.#closed) {
        throw new RunStopped(rootRunId, pause, "rests while the kill switch closes");
      }
      const left = end - performance.now();
      if (left <= 0) {
        throw new RunStopped(rootRunId, pause, `was not restored within ${this.#settings.pauseTimeoutMs} ms`);
      }
      await this.#changed(left, signal);
    }
  }

  /**
   * Asks before the run spends. The same run has the same guard, until that is closed.
   *
   * @param {string} rootRunId a watched run
   * @param {import("../index.d.ts").GuardOptions} [options] count when the guard is made
   * @returns {Guard}
   */
  guard(rootRunId, options = {}) {
    const known = this.#guards.get(rootRunId);
    if (known) {
      return known;
    }
    const watch = this.#gate.watchOf(rootRunId);
    if (!watch) {
      throw new Error(`Run ${rootRunId} is not watched; call watchRun before its first call`);
    }
    const settings = /** @type {Required<import("../index.d.ts").GuardOptions>} */ ({
      ...GUARD_DEFAULTS,
      holder: `${this.#settings.runtime}/${++guards}`,
      ...defined(this.#settings.guard ?? {}),
      ...defined(options),
    });
    const { attributes } = watch;
    const guard = new Guard({
      http: this.#http,
      identity: {
        tenant: this.#settings.tenant,
        root_run_id: rootRunId,
        agent_id: attributes.AGENT,
        team: attributes.TEAM,
        project: attributes.PROJECT,
        workflow: attributes.WORKFLOW,
        cost_center: attributes.COST_CENTRE,
        role: settings.role,
        environment: settings.environment,
      },
      settings,
      checkpoint: (signal) => this.checkpoint(rootRunId, { signal }),
      changed: (ms) => this.#changed(ms),
      onClose: () => this.#guards.delete(rootRunId),
    });
    this.#guards.set(rootRunId, guard);
    return guard;
  }

  /**
   * Sends spans, all or none; resolves when the broker has them.
   *
   * @param {Record<string, unknown>[]} spans AgentSpans under their Avro names; money as decimal text
   * @param {{timeoutMs?: number, patienceMs?: number}} [options]
   * @throws {FuselineError} when they are faulty, or are still not taken after `patienceMs`
   */
  async sendSpans(spans, { timeoutMs = ACK_TIMEOUT_MS, patienceMs = 30_000 } = {}) {
    await this.#post("/v1/spans", spans, timeoutMs, patienceMs);
  }

  /** Commands read so far. */
  counts() {
    return this.#gate.counts;
  }

  /** Stops reading, gives leases back, and waits some seconds at most for handlers and their answers. */
  async close() {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#stream.close();
    this.#notify();
    const handlers = [...this.#watching.values()].map((watching) => watching.tail);
    const guarded = [...this.#guards.values()].map((guard) => guard.close());
    const all = Promise.allSettled([...handlers, ...guarded]).then(() => Promise.allSettled([...this.#acks]));
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    await Promise.race([all, new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_PATIENCE_MS)))]);
    clearTimeout(timer);
  }

  /** @param {{name: string, data: string}} event */
  #receive(event) {
    if (event.name === "current") {
      this.#caughtUp();
      return;
    }
    if (event.name !== "command") {
      return;
    }
    /** @type {Command} */
    let command;
    let outcome;
    const now = Date.now();
    try {
      command = JSON.parse(event.data);
      outcome = this.#gate.offer(command, now);
    } catch (error) {
      this.#settings.log.error(`What came is no command; skipped: ${error}: ${event.data.slice(0, 200)}`);
      return;
    }
    for (const { subject, ack } of outcome.answers) {
      this.#acknowledge(command, subject, ack);
    }
    for (const subject of outcome.deliverTo) {
      this.#deliver(/** @type {Watching} */ (this.#watching.get(subject)), command);
    }
    if (now >= this.#nextSweep) {
      this.#gate.forgetBefore(now - this.#settings.horizonMs);
      this.#nextSweep = now + SWEEP_INTERVAL_MS;
    }
    this.#notify();
  }

  /** @param {Subject} subject @param {Handlers | Handlers["onKill"]} handlers */
  #watch(subject, handlers) {
    const given = typeof handlers === "function" ? { onKill: handlers } : handlers;
    if (typeof given?.onKill !== "function") {
      throw new TypeError("handlers has no onKill, expected a function, or an object with onKill and what else differs from the defaults");
    }
    if (this.#closed) {
      throw new Error("The kill switch is closed");
    }
    const standing = this.#gate.watch(subject);
    /** @type {Watching} */
    const watching = { subject, handlers: given, isOver: false, waiting: 0, tail: Promise.resolve() };
    this.#watching.set(subject, watching);
    standing.forEach((command) => this.#deliver(watching, command));
    return {
      close: () => {
        if (!watching.isOver) {
          watching.isOver = true;
          this.#gate.unwatch(subject);
          this.#watching.delete(subject);
          this.#notify();
        }
      },
    };
  }

  /** One handler at a time for each watch, in the order of the epochs. @param {Watching} watching @param {Command} command */
  #deliver(watching, command) {
    if (watching.waiting >= LANE_CAPACITY) {
      this.#answer(watching, command, refused(`the handler of ${watching.subject.id} hangs: too many commands wait for it`));
      return;
    }
    watching.waiting++;
    watching.tail = watching.tail.then(async () => {
      const ack = watching.isOver ? unknownTarget("it had ended before") : await this.#callHandler(watching, command);
      watching.waiting--;
      this.#answer(watching, command, ack);
    });
  }

  /** @param {Watching} watching @param {Command} command @param {Ack} ack */
  #answer(watching, command, ack) {
    this.#gate.answered(command, watching.subject, ack);
    this.#acknowledge(command, watching.subject, ack);
  }

  /** @param {Watching} watching @param {Command} command @returns {Promise<Ack>} */
  async #callHandler({ subject, handlers }, command) {
    try {
      const ack = await handle(handlers, command);
      return ack?.result ? ack : refused("the handler returned no answer");
    } catch (error) {
      this.#settings.log.error(`Handler of ${subject.id} failed on ${command.action} ${command.command_id}: ${error}`);
      return refused(`the handler failed: ${error}`);
    }
  }

  /** @param {Command} command @param {Subject} subject @param {Ack} ack */
  #acknowledge(command, subject, ack) {
    const answer = {
      command_id: command.command_id,
      result: ack.result,
      tenant_id: command.tenant_id,
      target_type: command.target_type,
      target: command.target,
      epoch: command.epoch,
      runtime: this.#settings.runtime,
      root_run_ids: subject.type === "RUN" ? [subject.id] : [],
      spend_at_stop: ack.spend ?? null,
      currency: ack.currency ?? "USD",
      message: ack.message ?? null,
      acked_at: new Date().toISOString(),
    };
    const sent = this.#post("/v1/acks", answer, ACK_TIMEOUT_MS, ACK_PATIENCE_MS).catch((error) => {
      this.#settings.log.error(
        `Acknowledgement ${ack.result} of command ${command.command_id} for ${command.target_type} ${command.target} could not be sent; ` +
          `the command will escalate at its deadline: ${error.message}`,
      );
    });
    this.#acks.add(sent);
    void sent.finally(() => this.#acks.delete(sent));
  }

  /**
   * Sends until it is taken, refused, or patience is over.
   *
   * @param {string} path
   * @param {unknown} body
   * @param {number} timeoutMs
   * @param {number} patienceMs
   */
  async #post(path, body, timeoutMs, patienceMs) {
    const end = performance.now() + patienceMs;
    for (let pause = 200; ; pause = Math.min(pause * 2, 5_000)) {
      try {
        await this.#http.post(path, body, timeoutMs);
        return;
      } catch (error) {
        const wait = error instanceof FuselineError && error.isPassing ? (error.retryAfterMs ?? pause) : Number.POSITIVE_INFINITY;
        if (performance.now() + wait > end) {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  #notify() {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    waiters.forEach((wake) => wake());
  }

  /** Resolves when a command has come, or after so long. @param {number} ms @param {AbortSignal} [signal] @returns {Promise<void>} */
  #changed(ms, signal) {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#waiters.add(wake);
      signal?.addEventListener("abort", wake);
    });
  }
}

/** The defaults suit a runtime that awaits `checkpoint` or a guard before each step. @param {Handlers} handlers @param {Command} command */
async function handle(handlers, command) {
  const onPause = handlers.onPause ?? (() => partial("rests from its next checkpoint"));
  switch (command.action) {
    case "KILL":
      return handlers.onKill(command);
    case "PAUSE":
      return onPause(command);
    case "REQUIRE_APPROVAL":
      return (handlers.onApprovalRequired ?? onPause)(command);
    case "THROTTLE":
      return handlers.onThrottle ? handlers.onThrottle(command, command.caps ?? {}) : partial("caps are handed out at its next checkpoint");
    case "RESTORE":
      return handlers.onRestore ? handlers.onRestore(command) : applied();
    default:
      return applied();
  }
}

/** Without members that are undefined, which would hide defaults. @template {object} T @param {T} options @returns {T} */
const defined = (options) => /** @type {T} */ (Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)));

/** @param {unknown} id @param {string} name */
function requireId(id, name) {
  if (typeof id !== "string" || id.trim() === "") {
    throw new TypeError(`${name} is empty, expected the id the spans carry`);
  }
}
