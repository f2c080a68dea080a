/** Limits of a THROTTLE, under their names on the wire; what is left out or null does not hold. */
export interface Caps {
  /** Most tokens per model call. */
  max_tokens?: number | null;
  /** Steps the run may still take. */
  max_steps_remaining?: number | null;
  /** Only these tools may be called. */
  tool_allowlist?: string[] | null;
  /** These tools may not be called. */
  tool_denylist?: string[] | null;
  /** Least time between two calls, in milliseconds. */
  cooldown_ms?: number | null;
}

export type Action = "ALERT" | "THROTTLE" | "REQUIRE_APPROVAL" | "PAUSE" | "KILL" | "RESTORE";

/** What a runtime must do; docs/schemas.md tells every field. Money is decimal text, times are ISO 8601. */
export interface Command {
  command_id: string;
  action: Action;
  tenant_id: string;
  target_type: string;
  target: string;
  /** Rises with each command of a target. A string when JavaScript would round it. */
  epoch: number | string;
  agent_id?: string | null;
  root_run_ids?: string[];
  caps?: Caps | null;
  reason: string;
  evidence?: Record<string, unknown>;
  policy_id: string;
  policy_version: string;
  episode_id: string;
  spend: string;
  currency: string;
  event_time: string;
  issued_at: string;
  deadline: string;
  /** Of a RESTORE: what it undoes; null means all. */
  reverses?: string | null;
  approved_by?: string | null;
}

/** A handler's answer; {@link stopped}, {@link applied}, {@link partial} and {@link refused} make one. */
export interface Ack {
  result: "STOPPED" | "APPLIED" | "PARTIAL" | "REFUSED" | "UNKNOWN_TARGET";
  message?: string;
  /** Spend of the run as the runtime knows it, as decimal text. */
  spend?: string;
  currency?: string;
}

/** The work has ended (KILL) or rests (PAUSE); spend: what it had spent by then, as decimal text. */
export function stopped(spend?: string, currency?: string): Ack;
/** Caps are set, or lifted. */
export function applied(): Ack;
/** Some of it was done; the message says what was not. */
export function partial(message: string): Ack;
/** Nothing was done; the message says why. */
export function refused(message: string): Ack;

type Answer = Ack | Promise<Ack>;

/**
 * What a runtime does when a command comes. Each is called at most once per command, in rising epochs, one call at a time per watch.
 * It should return as soon as the command is obeyed: a missing answer at the command's deadline escalates. One that throws is
 * answered with REFUSED. The defaults suit a runtime that awaits `checkpoint` or a guard before each step.
 */
export interface Handlers {
  /** End the run for good. */
  onKill(command: Command): Answer;
  /** Rest, keeping state, until `onRestore`. Default: PARTIAL, it rests from its next checkpoint. */
  onPause?(command: Command): Answer;
  /** Rest until a person has approved. Default: as `onPause`. */
  onApprovalRequired?(command: Command): Answer;
  /** Go on within limits. Default: PARTIAL, caps are handed out at the next checkpoint. */
  onThrottle?(command: Command, caps: Caps): Answer;
  /** Something was undone; `command.reverses` says what. Default: APPLIED. */
  onRestore?(command: Command): Answer;
}

/** A run, under the ids that its spans carry. */
export interface Run {
  rootRunId: string;
  agentId: string;
  team?: string;
  project?: string;
  workflow?: string;
  costCentre?: string;
}

export interface Watch {
  /** The run is over: no handler is called from now on; commands that still waited are answered with UNKNOWN_TARGET. */
  close(): void;
}

export interface GuardOptions {
  /** A lease is asked for so many calls of the estimate; 0: the pipeline is asked before each call. Default 10. */
  leaseCalls?: number;
  /** Who holds the leases; differs for each guard. Default: the runtime's name and a number. */
  holder?: string;
  /** For one question. Default 2000. */
  requestTimeoutMs?: number;
  /** How long a question is asked again while the pipeline does not answer. Default 5000. */
  patienceMs?: number;
  /** How long to wait for a person's approval. Default 600000. */
  approvalTimeoutMs?: number;
  /** What becomes of a call that nobody answers for. Default "deny". */
  whenUnanswered?: "deny" | "allow";
  /** As in the run's spans, for policies that select by it. */
  role?: string;
  environment?: string;
}

export interface KillSwitchOptions {
  /** The pipeline's address, such as http://127.0.0.1:8420. */
  url: string;
  /** Only this tenant's commands are obeyed. Default "default". */
  tenant?: string;
  /** Who answers; stands in every acknowledgement. Default: host and process id. */
  runtime?: string;
  /** The pipeline's `ingest.token`, when it asks for one. */
  token?: string;
  /** How long `open` waits until earlier commands are read. Default 30000. */
  startTimeoutMs?: number;
  /** How long a paused run waits for a RESTORE before it is given up. Default one hour. */
  pauseTimeoutMs?: number;
  /** How long a target that nobody watches is remembered after its last command. Default one day. */
  horizonMs?: number;
  /** For all guards. */
  guard?: GuardOptions;
  fetch?: typeof fetch;
  log?: { warn(text: string): void; error(text: string): void; info?(text: string): void };
}

/** Obeys commands in an agent runtime: one per process and tenant, for all its runs. Keeps the process alive until it is closed. */
export class KillSwitch {
  private constructor(options: KillSwitchOptions);

  /** Connects, and resolves once every command of about the last hour is known. */
  static open(options: KillSwitchOptions): Promise<KillSwitch>;

  /** Obeys the commands for a run: those to come, and those that hold for it already. */
  watchRun(run: Run, handlers: Handlers | Handlers["onKill"]): Watch;
  /** Obeys the commands for an agent as a whole, and answers for its runs that are gone. */
  watchAgent(agentId: string, handlers: Handlers | Handlers["onKill"]): Watch;

  /** True from the moment a KILL for the run was read, until it is restored. */
  isStopped(rootRunId: string): boolean;
  /** The tightest limits of all THROTTLEs that hold for the run; null without any. */
  caps(rootRunId: string): Caps | null;
  /**
   * To be awaited before each step: resolves with the caps when the step may be taken, waits while the run rests.
   * @throws {RunStopped}
   */
  checkpoint(rootRunId: string, options?: { signal?: AbortSignal }): Promise<Caps | null>;

  /** Asks before the run spends. The same run has the same guard, until that is closed. */
  guard(rootRunId: string, options?: GuardOptions): Guard;

  /** Sends AgentSpans under their Avro names, all or none; resolves when the broker has them. */
  sendSpans(spans: Record<string, unknown>[], options?: { timeoutMs?: number; patienceMs?: number }): Promise<void>;

  /** Commands read so far: those that passed, came again, or came too late. */
  counts(): { accepted: number; duplicates: number; stale: number };

  /** Stops reading, gives leases back, and waits some seconds at most for handlers and their answers. */
  close(): Promise<void>;
}

/** What a call is, for budgets and rules about tools, models and values. */
export interface CallDetails {
  tool?: string;
  model?: string;
  /** Declared value of the action, as decimal text; such a call is never paid from a lease. */
  actionValue?: string;
  /** When it is not the root run that calls. */
  runId?: string;
  signal?: AbortSignal;
}

/** Asks before a run spends: from leases held here, else from the pipeline. */
export class Guard {
  private constructor();

  /**
   * Resolves when a call of about this cost may be made; rests while the run is paused or waits for approval.
   * @param estimate decimal text, such as "0.18"
   * @throws {RunStopped} when a command has stopped the run
   * @throws {AdmissionDenied} when a budget stands against it, nobody approves, or nobody answers
   */
  before(estimate: string, details?: CallDetails): Promise<GuardedCall>;

  /** Gives back what is left of all leases. */
  close(): Promise<void>;
}

/** A call that may be made. */
export class GuardedCall {
  private constructor();
  /** Limits for this call; null: none. */
  readonly caps: Caps | null;
  /** What was reserved, as decimal text. */
  readonly estimate: string;
  /** Says what the call has cost, as decimal text; until then its estimate counts as spent. Only the first time counts. */
  after(actual: string): void;
}

/** The run must not take another step: it was killed, or a pause outlasted the time one is willing to wait. */
export class RunStopped extends Error {
  private constructor();
  readonly rootRunId: string;
  readonly command: Command;
}

/** The next call must not be made. */
export class AdmissionDenied extends Error {
  private constructor();
  readonly why: "BUDGET" | "STOPPED" | "NOT_APPROVED" | "NO_ANSWER";
  /** What the budget is for, such as RUN; this and the following are null where they are not known. */
  readonly scopeType: string | null;
  readonly scope: string | null;
  readonly policyId: string | null;
  /** Decimal text. */
  readonly spend: string | null;
  readonly limit: string | null;
  readonly currency: string | null;
  /** When the budget starts anew, ISO 8601. */
  readonly reset: string | null;
  /** When asking again may help: what others hold may come back, or the budget starts anew. */
  readonly retryAfterMs: number | null;
  readonly commandId: string | null;
}

/** The pipeline refused a request, or could not be reached. */
export class FuselineError extends Error {
  private constructor();
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** The problem document (RFC 9457); undefined when there was none. */
  readonly problem: Record<string, unknown> | undefined;
  readonly retryAfterMs: number | undefined;
  /** True when the same request may do later. */
  readonly isPassing: boolean;
}
