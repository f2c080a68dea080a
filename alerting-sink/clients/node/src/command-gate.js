import { unknownTarget } from "./ack.js";
import { tightest } from "./caps.js";

/**
 * @typedef {import("../index.d.ts").Command} Command
 * @typedef {import("../index.d.ts").Ack} Ack
 * @typedef {{type: "RUN" | "AGENT", id: string, attributes: Record<string, string>}} Subject
 *   a run or an agent that this runtime answers for; attributes: every target that concerns it, by type, its own included
 * @typedef {{fence: bigint, touchedAt: number, answers: Map<string, Map<string, {subject: Subject, ack: Ack}>>, standing: Map<string, Command>}} Target
 */

/** Command ids remembered per target; older ones are caught by the epoch alone. */
const REMEMBERED_COMMANDS = 64;

/** Answers remembered per command, one for each run it concerned. */
const REMEMBERED_ANSWERS = 1024;

const RESTING = ["PAUSE", "REQUIRE_APPROVAL"];

/**
 * Decides which command reaches whom, and what holds for a run. No network, no clock: the caller says what time it is.
 *
 * Per target a command passes once per id, and only with an epoch above all seen before. A command that passed stands until a
 * RESTORE lifts it, so it also holds for runs that start later; the strictest standing command wins. Of one policy only the newest
 * command of each action stands.
 */
export class CommandGate {
  /** In the order in which commands last touched them. @type {Map<string, Target>} */
  #targets = new Map();
  /** @type {Map<string, Subject>} */
  #watches = new Map();
  #counts = { accepted: 0, duplicates: 0, stale: 0 };

  /**
   * @param {string} tenant commands of others are ignored
   * @param {number} [mostTargets] remembered at most; those watched are kept beyond it
   */
  constructor(tenant, mostTargets = 100_000) {
    this.tenant = tenant;
    this.mostTargets = mostTargets;
  }

  get counts() {
    return { ...this.#counts };
  }

  get targetsKnown() {
    return this.#targets.size;
  }

  /**
   * Takes a command as it was read.
   *
   * @param {Command} command
   * @param {number} now epoch milliseconds
   * @returns {{verdict: "ACCEPTED" | "DUPLICATE" | "STALE" | "OTHER_TENANT", deliverTo: Subject[], answers: {subject: Subject, ack: Ack}[]}}
   *   deliverTo: whose handler is to be called; answers: to be written without calling a handler
   */
  offer(command, now) {
    if (command.tenant_id !== this.tenant) {
      return { verdict: "OTHER_TENANT", deliverTo: [], answers: [] };
    }
    const target = this.#touch(command, now);
    const epoch = BigInt(command.epoch);
    const given = target.answers.get(command.command_id);
    if (given) {
      this.#counts.duplicates++;
      target.fence = epoch > target.fence ? epoch : target.fence;
      return { verdict: "DUPLICATE", deliverTo: [], answers: [...given.values()] };
    }
    if (epoch <= target.fence) {
      this.#counts.stale++;
      return { verdict: "STALE", deliverTo: [], answers: [] };
    }
    this.#counts.accepted++;
    target.fence = epoch;
    put(target.answers, command.command_id, new Map(), REMEMBERED_COMMANDS);
    stand(target.standing, command);
    const concerned = [...this.#watches.values()].filter((watch) => watch.attributes[command.target_type] === command.target);
    return { verdict: "ACCEPTED", deliverTo: concerned, answers: concerned.length === 0 ? this.#lost(command) : [] };
  }

  /**
   * Starts a watch.
   *
   * @param {Subject} subject
   * @returns {Command[]} those that hold for it already, in the order in which they were issued
   */
  watch(subject) {
    const key = keyOf(subject.type, subject.id);
    if (this.#watches.has(key)) {
      throw new Error(`${subject.type} ${subject.id} is watched already; close that watch first`);
    }
    this.#watches.set(key, subject);
    return this.#standing(subject.attributes).sort(byAge);
  }

  /** @param {Subject} subject */
  unwatch(subject) {
    this.#watches.delete(keyOf(subject.type, subject.id));
  }

  /** @param {string} rootRunId @returns {Subject | undefined} */
  watchOf(rootRunId) {
    return this.#watches.get(keyOf("RUN", rootRunId));
  }

  /**
   * Keeps an answer, to be given again when the command comes again.
   *
   * @param {Command} command
   * @param {Subject} subject
   * @param {Ack} ack
   */
  answered(command, subject, ack) {
    const answers = this.#targets.get(keyOf(command.target_type, command.target))?.answers.get(command.command_id);
    if (answers) {
      put(answers, keyOf(subject.type, subject.id), { subject, ack }, REMEMBERED_ANSWERS);
    }
  }

  /**
   * What holds for a run now; of a run that is not watched only commands for the run itself are known.
   *
   * @param {string} rootRunId
   */
  standingOf(rootRunId) {
    const all = this.#standing(this.watchOf(rootRunId)?.attributes ?? { RUN: rootRunId });
    return {
      kill: newest(all.filter((command) => command.action === "KILL")),
      pause: newest(all.filter((command) => RESTING.includes(command.action))),
      caps: tightest(all.filter((command) => command.action === "THROTTLE").map((command) => command.caps)),
    };
  }

  /**
   * Forgets targets that nobody watches and that no command touched since then.
   *
   * @param {number} horizon epoch milliseconds
   */
  forgetBefore(horizon) {
    let surplus = this.#targets.size - this.mostTargets;
    for (const [key, target] of this.#targets) {
      if (surplus <= 0 && target.touchedAt >= horizon) {
        return;
      }
      const isWatched = [...this.#watches.values()].some((watch) =>
        Object.entries(watch.attributes).some(([type, id]) => keyOf(type, id) === key),
      );
      if (!isWatched) {
        this.#targets.delete(key);
        surplus--;
      }
    }
  }

  /** @param {Command} command @param {number} now @returns {Target} */
  #touch(command, now) {
    const key = keyOf(command.target_type, command.target);
    const target = this.#targets.get(key) ?? { fence: -1n, touchedAt: 0, answers: new Map(), standing: new Map() };
    target.touchedAt = now;
    this.#targets.delete(key);
    this.#targets.set(key, target);
    return target;
  }

  /** @param {Record<string, string>} attributes @returns {Command[]} */
  #standing(attributes) {
    return Object.entries(attributes).flatMap(([type, id]) => [...(this.#targets.get(keyOf(type, id))?.standing.values() ?? [])]);
  }

  /** A run of an agent that we serve, but that is not, or no longer, here. @param {Command} command */
  #lost(command) {
    if (command.target_type !== "RUN" || !command.agent_id || !this.#watches.has(keyOf("AGENT", command.agent_id))) {
      return [];
    }
    /** @type {Subject} */
    const subject = { type: "RUN", id: command.target, attributes: { RUN: command.target } };
    const ack = unknownTarget("this runtime serves the agent, but has no such run");
    this.answered(command, subject, ack);
    return [{ subject, ack }];
  }
}

/** @param {Map<string, Command>} standing @param {Command} command */
function stand(standing, command) {
  if (command.action === "RESTORE") {
    lift(standing, command);
  } else if (command.action === "KILL" || command.action === "THROTTLE" || RESTING.includes(command.action)) {
    remove(standing, (other) => other.action === command.action && other.policy_id === command.policy_id);
    standing.set(command.command_id, command);
  }
  // ALERT, and what a later version may send, says something and asks for nothing.
}

/** Undoes the command named, and what its episode had sent before it; all when none is named. @param {Map<string, Command>} standing @param {Command} restore */
function lift(standing, restore) {
  if (!restore.reverses) {
    standing.clear();
    return;
  }
  const { episode_id: episode, epoch } = standing.get(restore.reverses) ?? restore;
  remove(standing, (other) => other.episode_id === episode && BigInt(other.epoch) <= BigInt(epoch));
}

/** @param {Map<string, Command>} standing @param {(command: Command) => boolean} isToGo */
function remove(standing, isToGo) {
  for (const [id, command] of standing) {
    if (isToGo(command)) {
      standing.delete(id);
    }
  }
}

/** Puts, and forgets the oldest beyond the limit. @template V @param {Map<string, V>} map @param {string} key @param {V} value @param {number} limit */
function put(map, key, value, limit) {
  map.set(key, value);
  if (map.size > limit) {
    map.delete(/** @type {string} */ (map.keys().next().value));
  }
}

/** @param {string} type @param {string} id */
const keyOf = (type, id) => `${type} ${id}`;

/** @param {Command} a @param {Command} b */
const byAge = (a, b) => Date.parse(a.issued_at) - Date.parse(b.issued_at) || Number(BigInt(a.epoch) - BigInt(b.epoch));

/** @param {Command[]} commands @returns {Command | null} */
const newest = (commands) => commands.sort(byAge).at(-1) ?? null;
