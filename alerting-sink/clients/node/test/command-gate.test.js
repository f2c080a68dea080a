import assert from "node:assert/strict";
import { test } from "node:test";
import { stopped } from "../src/ack.js";
import { CommandGate } from "../src/command-gate.js";
import { command } from "../support/pipeline.js";

const run = (id, attributes = {}) => ({ type: "RUN", id, attributes: { TENANT: "acme", RUN: id, ...attributes } });

function gateWith(...subjects) {
  const gate = new CommandGate("acme");
  subjects.forEach((subject) => gate.watch(subject));
  return gate;
}

test("should obey a command once and answer it again when it comes twice", () => {
  const subject = run("run-1");
  const gate = gateWith(subject);
  const kill = command("KILL", "run-1");

  assert.deepEqual(gate.offer(kill, 0), { verdict: "ACCEPTED", deliverTo: [subject], answers: [] });
  gate.answered(kill, subject, stopped());
  assert.deepEqual(gate.offer({ ...kill, epoch: kill.epoch + 5 }, 0), {
    verdict: "DUPLICATE",
    deliverTo: [],
    answers: [{ subject, ack: stopped() }],
  });
  // The copy has raised the fence.
  assert.equal(gate.offer({ ...command("RESTORE", "run-1"), epoch: kill.epoch + 5 }, 0).verdict, "STALE");
  assert.deepEqual(gate.counts, { accepted: 1, duplicates: 1, stale: 1 });
});

test("should ignore a command with an epoch that is not above the highest seen", () => {
  const gate = gateWith(run("run-1"));
  const [pause, kill] = [command("PAUSE", "run-1"), command("KILL", "run-1")];
  gate.offer(kill, 0);
  assert.equal(gate.offer(pause, 0).verdict, "STALE");
  assert.equal(gate.standingOf("run-1").pause, null);
});

test("should compare epochs that JavaScript would round", () => {
  const gate = gateWith(run("run-1"));
  gate.offer({ ...command("PAUSE", "run-1"), epoch: "9007199254740993" }, 0);
  assert.equal(gate.offer({ ...command("KILL", "run-1"), epoch: "9007199254740992" }, 0).verdict, "STALE");
  assert.equal(gate.offer({ ...command("KILL", "run-1"), epoch: "9007199254740994" }, 0).verdict, "ACCEPTED");
});

test("should stop a run that starts after its agent was killed", () => {
  const gate = gateWith();
  const kill = command("KILL", "researcher", { target_type: "AGENT" });
  gate.offer(kill, 0);
  assert.deepEqual(gate.watch(run("run-1", { AGENT: "researcher" })), [kill]);
  assert.equal(gate.standingOf("run-1").kill, kill);
  assert.deepEqual(gate.watch(run("run-2", { AGENT: "writer" })), []);
});

test("should lift what a RESTORE reverses with what its episode sent before, and nothing else", () => {
  const gate = gateWith(run("run-1"));
  const throttle = command("THROTTLE", "run-1", { caps: { max_tokens: 100 } });
  const pause = command("PAUSE", "run-1");
  const other = command("THROTTLE", "run-1", { policy_id: "other", episode_id: "eps-2", caps: { max_tokens: 500 } });
  [throttle, pause, other].forEach((each) => gate.offer(each, 0));
  assert.deepEqual(gate.standingOf("run-1").caps, { max_tokens: 100 });

  gate.offer(command("RESTORE", "run-1", { reverses: pause.command_id }), 0);

  assert.deepEqual(gate.standingOf("run-1"), { kill: null, pause: null, caps: { max_tokens: 500 } });
  gate.offer(command("RESTORE", "run-1", { reverses: null }), 0);
  assert.equal(gate.standingOf("run-1").caps, null);
});

test("should hold the newest command of each action of a policy, and the tightest caps of all policies", () => {
  const gate = gateWith(run("run-1"));
  gate.offer(command("THROTTLE", "run-1", { caps: { max_tokens: 100, tool_allowlist: ["a"] } }), 0);
  gate.offer(command("THROTTLE", "run-1", { caps: { max_tokens: 200, tool_allowlist: ["a", "b"], tool_denylist: ["x"] } }), 0);
  gate.offer(command("THROTTLE", "run-1", { policy_id: "other", caps: { tool_allowlist: ["b", "c"], tool_denylist: ["y"], cooldown_ms: 5 } }), 0);
  assert.deepEqual(gate.standingOf("run-1").caps, { max_tokens: 200, tool_allowlist: ["b"], tool_denylist: ["x", "y"], cooldown_ms: 5 });
});

test("should answer for runs that are gone when it serves their agent", () => {
  const gate = gateWith({ type: "AGENT", id: "researcher", attributes: { TENANT: "acme", AGENT: "researcher" } });
  const [answer] = gate.offer(command("KILL", "run-9", { agent_id: "researcher" }), 0).answers;
  assert.equal(answer.ack.result, "UNKNOWN_TARGET");
  assert.equal(answer.subject.id, "run-9");
  assert.deepEqual(gate.offer(command("KILL", "run-9", { agent_id: "writer" }), 0).answers, []);
});

test("should pass over other tenants' commands and those of a later version", () => {
  const gate = gateWith(run("run-1"));
  assert.equal(gate.offer(command("KILL", "run-1", { tenant_id: "other" }), 0).verdict, "OTHER_TENANT");
  gate.offer(command("HIBERNATE", "run-1"), 0);
  assert.deepEqual(gate.standingOf("run-1"), { kill: null, pause: null, caps: null });
});

test("should forget old targets that nobody watches", () => {
  const gate = gateWith(run("watched"));
  gate.offer(command("KILL", "watched"), 1);
  gate.offer(command("KILL", "old"), 2);
  gate.offer(command("KILL", "new"), 10);
  gate.forgetBefore(5);
  assert.equal(gate.targetsKnown, 2);
  assert.ok(gate.standingOf("watched").kill);
  assert.equal(gate.standingOf("old").kill, null);
});
