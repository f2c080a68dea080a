/**
 * Fuseline for agents in Node: obey commands, ask before spending, send spans. Over HTTP alone.
 *
 * {@link KillSwitch} is the way in.
 */
export { applied, partial, refused, stopped } from "./ack.js";
export { AdmissionDenied, FuselineError, RunStopped } from "./errors.js";
export { Guard, GuardedCall } from "./guard.js";
export { KillSwitch } from "./kill-switch.js";
