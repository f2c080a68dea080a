import assert from "node:assert/strict";
import { test } from "node:test";
import { FuselineError, KillSwitch, RunStopped, stopped } from "../src/index.js";
import { command, Pipeline, quiet, until } from "../support/pipeline.js";

const RUN = { rootRunId: "run-1", agentId: "researcher", team: "support" };

async function withKillSwitch(work, { before = () => {}, ...options } = {}) {
  const pipeline = await Pipeline.start();
  before(pipeline);
  const killSwitch = await KillSwitch.open({ url: pipeline.url, tenant: "acme", runtime: "pod-1", log: quiet, ...options });
  try {
    await work({ pipeline, killSwitch });
  } finally {
    await killSwitch.close();
    await pipeline.stop();
  }
}

const acks = (pipeline) => pipeline.sent("/v1/acks");

test("should call the handler, answer for it, and stop the run when a KILL comes", () =>
  withKillSwitch(async ({ pipeline, killSwitch }) => {
    killSwitch.watchRun(RUN, () => stopped("12.75"));
    assert.equal(await killSwitch.checkpoint("run-1"), null);
    const kill = command("KILL", "run-1");
    pipeline.send(kill);

    await until("the answer", () => acks(pipeline).length === 1);
    const { acked_at: ackedAt, ...answer } = acks(pipeline)[0];
    assert.deepEqual(answer, {
      command_id: kill.command_id,
      result: "STOPPED",
      tenant_id: "acme",
      target_type: "RUN",
      target: "run-1",
      epoch: kill.epoch,
      runtime: "pod-1",
      root_run_ids: ["run-1"],
      spend_at_stop: "12.75",
      currency: "USD",
      message: null,
    });
    assert.ok(Math.abs(Date.now() - Date.parse(ackedAt)) < 60_000);
    assert.ok(killSwitch.isStopped("run-1"));
    await assert.rejects(killSwitch.checkpoint("run-1"), (error) => {
      assert.ok(error instanceof RunStopped);
      assert.equal(error.command.command_id, kill.command_id);
      assert.match(error.message, /Run run-1 was killed .*policy loop.*It loops\./);
      return true;
    });
  }));

test("should know when it opens what was decided before", () =>
  withKillSwitch(
    async ({ pipeline, killSwitch }) => {
      killSwitch.watchRun(RUN, () => stopped());
      await assert.rejects(killSwitch.checkpoint("run-1"), RunStopped);
      await until("the answer", () => acks(pipeline).length === 1);
    },
    { before: (pipeline) => pipeline.send(command("KILL", "support", { target_type: "TEAM" })) },
  ));

test("should rest while paused and go on when restored", () =>
  withKillSwitch(async ({ pipeline, killSwitch }) => {
    killSwitch.watchRun(RUN, () => stopped());
    const pause = command("PAUSE", "run-1");
    pipeline.send(pause);
    await until("the answer", () => acks(pipeline).length === 1);
    assert.equal(acks(pipeline)[0].result, "PARTIAL");

    let woke = false;
    const rest = killSwitch.checkpoint("run-1").then((caps) => {
      woke = true;
      return caps;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(woke, false);
    pipeline.send(command("RESTORE", "run-1", { reverses: pause.command_id }));
    assert.equal(await rest, null);
  }));

test("should give a run up that nobody restores in time", () =>
  withKillSwitch(
    async ({ pipeline, killSwitch }) => {
      killSwitch.watchRun(RUN, () => stopped());
      pipeline.send(command("REQUIRE_APPROVAL", "run-1"));
      await until("the command", () => killSwitch.counts().accepted === 1);
      await assert.rejects(killSwitch.checkpoint("run-1"), /was not restored within 30 ms/);
    },
    { pauseTimeoutMs: 30 },
  ));

test("should refuse when a handler throws or says nothing, and obey in order", () =>
  withKillSwitch(async ({ pipeline, killSwitch }) => {
    const seen = [];
    killSwitch.watchRun(RUN, {
      onKill: () => {
        throw new Error("no such thread");
      },
      onPause: async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        seen.push("PAUSE");
      },
      onThrottle: (_, caps) => {
        seen.push(`THROTTLE ${caps.max_tokens}`);
        return { result: "APPLIED" };
      },
    });
    pipeline.send(command("PAUSE", "run-1"));
    pipeline.send(command("THROTTLE", "run-1", { caps: { max_tokens: 7 } }));
    pipeline.send(command("KILL", "run-1"));

    await until("the answers", () => acks(pipeline).length === 3);
    assert.deepEqual(seen, ["PAUSE", "THROTTLE 7"]);
    assert.deepEqual(
      acks(pipeline).map(({ result, message }) => [result, message]),
      [
        ["REFUSED", "the handler returned no answer"],
        ["APPLIED", null],
        ["REFUSED", "the handler failed: Error: no such thread"],
      ],
    );
  }));

test("should answer again, and not obey again, when a command comes twice", () =>
  withKillSwitch(async ({ pipeline, killSwitch }) => {
    let calls = 0;
    killSwitch.watchRun(RUN, () => {
      calls++;
      return stopped();
    });
    const kill = command("KILL", "run-1");
    pipeline.send(kill);
    await until("the answer", () => acks(pipeline).length === 1);
    pipeline.send(kill);
    await until("the second answer", () => acks(pipeline).length === 2);
    assert.equal(calls, 1);
    assert.deepEqual(killSwitch.counts(), { accepted: 1, duplicates: 1, stale: 0 });
  }));

test("should send an answer until it is taken", () =>
  withKillSwitch(async ({ pipeline, killSwitch }) => {
    let tries = 0;
    pipeline.answer = (path) => (path === "/v1/acks" && ++tries < 3 ? { status: 503, body: { detail: "The broker is away." } } : { body: {} });
    killSwitch.watchRun(RUN, () => stopped());
    pipeline.send(command("KILL", "run-1"));
    await until("the third try", () => tries === 3);
  }));

test("should not call a handler of a run that is over", () =>
  withKillSwitch(async ({ pipeline, killSwitch }) => {
    killSwitch.watchAgent("researcher", () => stopped());
    const watch = killSwitch.watchRun(RUN, () => assert.fail("over"));
    watch.close();
    pipeline.send(command("KILL", "run-1", { agent_id: "researcher" }));
    await until("the answer", () => acks(pipeline).length === 1);
    assert.equal(acks(pipeline)[0].result, "UNKNOWN_TARGET");
    assert.deepEqual(acks(pipeline)[0].root_run_ids, ["run-1"]);
  }));

test("should say why when it cannot open", async () => {
  const pipeline = await Pipeline.start();
  await pipeline.stop();
  await assert.rejects(KillSwitch.open({ url: pipeline.url, startTimeoutMs: 100, log: quiet }), (error) => {
    assert.ok(error instanceof FuselineError);
    assert.match(error.message, /could not be read within 100 ms: ECONNREFUSED/);
    return true;
  });
  await assert.rejects(KillSwitch.open({ url: "nowhere" }), /expected the pipeline's address such as/);
});

test("should send spans with the token, again when busy, and say what is wrong with them", () =>
  withKillSwitch(
    async ({ pipeline, killSwitch }) => {
      const answers = [
        { status: 429, headers: { "Retry-After": "0" }, body: { detail: "Busy." } },
        { body: { accepted: 1 } },
        { status: 400, body: { detail: "Span 1 has no kind.", action: "Correct it." } },
      ];
      pipeline.answer = () => answers.shift();
      await killSwitch.sendSpans([{ span_id: "s-1" }]);
      const sent = pipeline.requests.filter((request) => request.path === "/v1/spans");
      assert.deepEqual(sent[1].body, [{ span_id: "s-1" }]);
      assert.equal(sent[1].headers.authorization, "Bearer s3cret");
      await assert.rejects(killSwitch.sendSpans([{}]), /answers 400: Span 1 has no kind\. Correct it\./);
    },
    { token: "s3cret" },
  ));
