// An agent in Node under the package fuseline-client, over HTTP alone. What became of it goes to standard output as JSON.
//
//   node agent.mjs loop --url http://127.0.0.1:8420 --run-id run-1      calls the same tool in circles until it is told to end
//   node agent.mjs spend --url http://127.0.0.1:8420 --run-id run-2     three workers spend 0.18 USD a call until they may not
import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { AdmissionDenied, KillSwitch, RunStopped, stopped } from "fuseline-client";

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: "string" },
    "run-id": { type: "string" },
    "most-steps": { type: "string", default: "500" },
  },
});
const rootRunId = options["run-id"];
const agentId = "node-researcher";

const span = (fields) => ({
  span_id: randomUUID(),
  run_id: rootRunId,
  root_run_id: rootRunId,
  agent_id: agentId,
  end_time: new Date().toISOString(),
  ...fields,
});

/** The same arguments and the same result, each time. */
const search = () => span({ kind: "TOOL", provider: "local", tool_name: "search", argument_hash: "1", result_hash: "1" });

/** Costs 0.18 USD: 36,000 tokens at 5 USD a million. */
const think = () =>
  span({ kind: "LLM", provider: "anthropic", response_model: "claude-opus-4-5", usage: { input_tokens: 36_000 }, input_interpretation: "DISJOINT" });

/** The same call again and again; what stops it is the pipeline. */
async function loop(killSwitch) {
  for (let step = 1; step <= Number(options["most-steps"]); step++) {
    try {
      await killSwitch.checkpoint(rootRunId);
    } catch (error) {
      if (error instanceof RunStopped) {
        return { steps: step - 1, command_id: error.command.command_id, action: error.command.action, reason: error.command.reason };
      }
      throw error;
    }
    await killSwitch.sendSpans([search()]);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("nobody has stopped it: is the pipeline running, with a policy for loops?");
}

/** Asks before each call; what stops it is the budget, before it is reached. */
async function spend(killSwitch) {
  const guard = killSwitch.guard(rootRunId);
  let calls = 0;
  const worker = async () => {
    for (;;) {
      const call = await guard.before("0.18", { model: "claude-opus-4-5" });
      calls++;
      await killSwitch.sendSpans([think()]);
      call.after("0.18");
    }
  };
  const ends = await Promise.allSettled([worker(), worker(), worker()]);
  await guard.close();
  const { reason } = ends[0];
  if (!(reason instanceof AdmissionDenied)) {
    throw reason;
  }
  const { why, scopeType, scope, policyId, limit, currency } = reason;
  return { calls, why, scopeType, scope, policyId, limit, currency };
}

const killSwitch = await KillSwitch.open({ url: options.url, runtime: "node-pod" });
const run = killSwitch.watchRun({ rootRunId, agentId }, (command) => stopped(command.spend));
try {
  process.stdout.write(`${JSON.stringify(await { loop, spend }[positionals[0]](killSwitch))}\n`);
} finally {
  run.close();
  await killSwitch.close();
}
