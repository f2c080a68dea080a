import assert from "node:assert/strict";
import { test } from "node:test";
import { AdmissionDenied, FuselineError, KillSwitch, RunStopped, stopped } from "../src/index.js";
import { toPico, toText } from "../src/money.js";
import { Budget } from "../support/budget.js";
import { command, Pipeline, quiet, until } from "../support/pipeline.js";

const RUN = { rootRunId: "run-1", agentId: "researcher", team: "support", costCentre: "cc-1" };

async function withGuard(options, work) {
  const pipeline = await Pipeline.start();
  const killSwitch = await KillSwitch.open({ url: pipeline.url, tenant: "acme", runtime: "pod-1", log: quiet });
  killSwitch.watchRun(RUN, () => stopped());
  try {
    await work({ pipeline, killSwitch, guard: killSwitch.guard("run-1", { patienceMs: 0, requestTimeoutMs: 30_000, ...options }) });
  } finally {
    await killSwitch.close();
    await pipeline.stop();
  }
}

const questions = (pipeline) => pipeline.sent("/v1/admission");

test("should ask once for many calls, and give back what is left", () =>
  withGuard({ leaseCalls: 5, holder: "pod-1/a" }, async ({ pipeline, guard }) => {
    const budget = new Budget("10.00");
    pipeline.answer = (path, body) => budget.answer(path, body);
    for (let i = 0; i < 3; i++) {
      const call = await guard.before("0.18");
      assert.equal(call.estimate, "0.18");
      assert.equal(call.caps, null);
      call.after("0.20");
    }
    assert.deepEqual(questions(pipeline), [
      {
        tenant: "acme",
        root_run_id: "run-1",
        agent_id: "researcher",
        team: "support",
        cost_center: "cc-1",
        estimate: "0.18",
        holder: "pod-1/a",
        lease: "0.9",
      },
    ]);
    await guard.close();
    const [released] = pipeline.sent("/v1/admission/release");
    assert.equal(released.lease_id, "lease-1");
    assert.equal(released.used, "0.6");
    assert.equal(released.holder, "pod-1/a");
    assert.equal(toText(budget.spent), "0.6");
  }));

test("should ask before each call when no leases are wanted", () =>
  withGuard({ leaseCalls: 0 }, async ({ pipeline, guard }) => {
    const budget = new Budget("1.00");
    pipeline.answer = (path, body) => budget.answer(path, body);
    let calls = 0;
    await assert.rejects(async () => {
      for (; ; calls++) {
        (await guard.before("0.18")).after("0.18");
      }
    }, AdmissionDenied);
    assert.equal(calls, 5);
    assert.equal(questions(pipeline).length, 6);
    assert.equal(questions(pipeline)[0].lease, undefined);
    assert.equal(questions(pipeline)[0].holder, undefined);
  }));

test("should say which budget stands against it", () =>
  withGuard({}, async ({ pipeline, guard }) => {
    const budget = new Budget("0.10");
    pipeline.answer = (path, body) => budget.answer(path, body);
    await assert.rejects(guard.before("0.18"), (error) => {
      assert.ok(error instanceof AdmissionDenied);
      const { why, scopeType, scope, policyId, spend, limit, currency, reset } = error;
      assert.deepEqual(
        { why, scopeType, scope, policyId, spend, limit, currency, reset },
        { why: "BUDGET", scopeType: "RUN", scope: "run-1", policyId: "cap", spend: "0", limit: "0.1", currency: "USD", reset: "2026-11-26T00:00:00Z" },
      );
      assert.match(error.message, /has spent 0 of 0.1 USD/);
      return true;
    });
  }));

test("should hold separate leases for separate tools, and none for an action with a value", () =>
  withGuard({}, async ({ pipeline, guard }) => {
    const budget = new Budget("10.00");
    pipeline.answer = (path, body) => budget.answer(path, body);
    await guard.before("0.10", { tool: "search" });
    await guard.before("0.10", { tool: "search" });
    await guard.before("0.10", { tool: "pay" });
    await guard.before("0.10", { tool: "search", actionValue: "12000" });
    await guard.before("0.10", { tool: "search", actionValue: "12000" });
    assert.deepEqual(
      questions(pipeline).map(({ tool, action_value: value, lease }) => [tool, value, lease]),
      [
        ["search", undefined, "1"],
        ["pay", undefined, "1"],
        ["search", "12000", undefined],
        ["search", "12000", undefined],
      ],
    );
  }));

test("should hand out the caps of a throttle with each call of its lease, tightest with those of commands", () =>
  withGuard({}, async ({ pipeline, killSwitch, guard }) => {
    pipeline.answer = (path) =>
      path === "/v1/admission"
        ? { body: { decision: "THROTTLE", caps: { max_tokens: 500, tool_denylist: ["x"] }, lease: { lease_id: "l", amount: "9", ttl_ms: 5000 } } }
        : {};
    assert.deepEqual((await guard.before("0.18")).caps, { max_tokens: 500, tool_denylist: ["x"] });
    pipeline.send(command("THROTTLE", "run-1", { caps: { max_tokens: 100 } }));
    await until("the command", () => killSwitch.counts().accepted === 1);
    assert.deepEqual((await guard.before("0.18")).caps, { max_tokens: 100, tool_denylist: ["x"] });
    assert.equal(questions(pipeline).length, 1);
  }));

test("should stop a run with money in hand when a KILL comes", () =>
  withGuard({}, async ({ pipeline, guard }) => {
    const budget = new Budget("10.00");
    pipeline.answer = (path, body) => budget.answer(path, body);
    await guard.before("0.01");
    pipeline.send(command("KILL", "run-1"));
    await until("the answer to the command", () => pipeline.sent("/v1/acks").length === 1);
    await assert.rejects(guard.before("0.01"), RunStopped);
    assert.equal(questions(pipeline).length, 1);
  }));

test("should not make the call when a KILL comes while the question is under way", () =>
  withGuard({ leaseCalls: 2 }, async ({ pipeline, killSwitch, guard }) => {
    pipeline.answer = async (path) => {
      if (path === "/v1/admission") {
        pipeline.send(command("KILL", "run-1"));
        await until("the command", () => killSwitch.counts().accepted === 1);
        return { body: { decision: "ALLOW", lease: { lease_id: "l", amount: "0.02", ttl_ms: 5000 } } };
      }
      return {};
    };
    await assert.rejects(guard.before("0.01"), RunStopped);
    await guard.close();
    assert.equal(pipeline.sent("/v1/admission/release")[0].used, "0");
  }));

test("should wait for a person, then go on", () =>
  withGuard({}, async ({ pipeline, guard }) => {
    const answers = ["NEEDS_APPROVAL", "NEEDS_APPROVAL", "ALLOW"];
    pipeline.answer = (path) => (path === "/v1/admission" ? { body: { decision: answers.shift(), reason: "Above 10,000.", retry_after_ms: 1 } } : {});
    const call = await guard.before("0.18", { actionValue: "12000" });
    assert.equal(call.caps, null);
    assert.equal(answers.length, 0);
  }));

test("should deny when no person approves in time", () =>
  withGuard({ approvalTimeoutMs: 150 }, async ({ pipeline, guard }) => {
    pipeline.answer = () => ({
      body: { decision: "NEEDS_APPROVAL", reason: "Above 10,000.", policy_id: "dear", retry_after_ms: 20, binding: { scope_type: "RUN", scope: "run-1" } },
    });
    await assert.rejects(guard.before("0.18"), (error) => {
      assert.equal(error.why, "NOT_APPROVED");
      assert.equal(error.policyId, "dear");
      assert.equal(error.scope, "run-1");
      assert.match(error.message, /Nobody has approved within 150 ms: Above 10,000\./);
      return true;
    });
  }));

for (const [name, answer] of [
  ["says that it cannot", () => ({ status: 503, body: { type: "urn:fuseline:problem:store-unavailable", detail: "Moving." } })],
  ["is silent", () => null],
]) {
  test(`should deny, or allow when told so, when the pipeline ${name}`, () =>
    withGuard({ requestTimeoutMs: 100 }, async ({ pipeline, killSwitch, guard }) => {
      pipeline.answer = (path) => (path.startsWith("/v1/admission") ? answer() : {});
      await assert.rejects(guard.before("0.18"), (error) => error.why === "NO_ANSWER");
      await guard.close();
      const open = killSwitch.guard("run-1", { patienceMs: 0, requestTimeoutMs: 100, whenUnanswered: "allow" });
      assert.notEqual(open, guard);
      (await open.before("0.18")).after("0.18");
    }));
}

test("should use its lease while the pipeline does not answer, and ask again when it does", () =>
  withGuard({ leaseCalls: 3, patienceMs: 30_000 }, async ({ pipeline, guard }) => {
    const budget = new Budget("10.00");
    pipeline.answer = (path, body) => budget.answer(path, body);
    await guard.before("0.10");
    let refused = 0;
    pipeline.answer = () => ({ status: 503, body: { detail: "Moving." } , ...(++refused && {}) });
    await guard.before("0.10");
    await guard.before("0.10");
    assert.equal(refused, 0);
    const fourth = guard.before("0.10");
    await until("a refusal", () => refused === 1);
    pipeline.answer = (path, body) => budget.answer(path, body);
    await fourth;
    // What was told in vain is told again: nothing is lost.
    assert.equal(toText(budget.spent), "0.3");
  }));

test("should ask for single calls when a pipeline that is blind gives no leases", () =>
  withGuard({ holder: "h" }, async ({ pipeline, guard }) => {
    const budget = new Budget("10.00");
    pipeline.answer = (path, body) => budget.answer(path, body);
    await guard.before("0.18");
    pipeline.answer = (path, body) =>
      body.lease ? { status: 503, body: { type: "urn:fuseline:problem:control-blind", detail: "Blind." } } : budget.answer(path, body);
    await guard.before("9.00"); // more than the lease has
    await assert.rejects(guard.before("9.00"), (error) => error.why === "BUDGET");
    assert.deepEqual(
      questions(pipeline).map(({ lease, lease_id: id, used }) => [lease, id, used]),
      [
        ["1.8", undefined, undefined],
        ["90", "lease-1", "0.18"],
        [undefined, "lease-1", "0.18"],
        ["90", undefined, undefined],
        [undefined, undefined, undefined],
      ],
    );
  }));

test("should say that the question is wrong rather than guess", () =>
  withGuard({ whenUnanswered: "allow" }, async ({ pipeline, guard }) => {
    pipeline.answer = () => ({ status: 400, body: { detail: "estimate is dear.", action: "Give a number." } });
    await assert.rejects(guard.before("0.18"), (error) => error instanceof FuselineError && /estimate is dear/.test(error.message));
    await assert.rejects(guard.before(0.18), /expected decimal text/);
  }));

/** A small generator of numbers, so that a failure can be repeated. */
function random(seed) {
  let state = seed;
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * most);
  };
}

test("should never spend more than the budget, whatever calls run beside each other", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const next = random(seed);
    await withGuard({ leaseCalls: next(6), patienceMs: 30_000 }, async ({ pipeline, guard }) => {
      // Leases run out while calls are under way, answers come late, some questions are lost before they are read.
      const budget = new Budget("5.00", { ttlMs: 1 + next(40), most: `0.${10 + next(80)}` });
      pipeline.answer = async (path, body) => {
        await new Promise((resolve) => setTimeout(resolve, next(4)));
        return next(10) === 0 ? { status: 503, body: {} } : budget.answer(path, body);
      };
      let spent = 0n;
      const worker = async () => {
        for (;;) {
          const estimate = `0.0${1 + next(9)}`;
          const call = await guard.before(estimate);
          const actual = next(3) === 0 ? "0.005" : estimate;
          spent += toPico(actual, "actual");
          await new Promise((resolve) => setTimeout(resolve, next(5)));
          call.after(actual);
        }
      };
      const ended = await Promise.allSettled(Array.from({ length: 8 }, worker));
      ended.forEach(({ reason }) => assert.ok(reason instanceof AdmissionDenied, `seed ${seed}: ${reason?.stack}`));
      assert.ok(spent <= budget.limit, `seed ${seed}: ${toText(spent)}`);
      assert.ok(spent > budget.limit / 2n, `seed ${seed}: only ${toText(spent)} was spent`);
    });
  }
});
