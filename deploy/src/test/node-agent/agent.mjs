// An agent in Node under the package fuseline-client, over HTTP alone. What became of it goes to standard output as JSON.
//
//   node agent.mjs loop --url http://127.0.0.1:8420 --run-id run-1      calls the same tool in circles until it is told to end
import { parseArgs } from "node:util";
import { KillSwitch, RunStopped, stopped } from "fuseline-client";

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

/** @param {number} step */
const search = (step) => ({
  span_id: `${rootRunId}-${step}`,
  run_id: rootRunId,
  root_run_id: rootRunId,
  agent_id: agentId,
  kind: "TOOL",
  provider: "local",
  tool_name: "search",
  argument_hash: "1",
  result_hash: "1",
  end_time: new Date().toISOString(),
});

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
    await killSwitch.sendSpans([search(step)]);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("nobody has stopped it: is the pipeline running, with a policy for loops?");
}

const killSwitch = await KillSwitch.open({ url: options.url, runtime: "node-pod" });
const run = killSwitch.watchRun({ rootRunId, agentId }, (command) => stopped(command.spend));
try {
  process.stdout.write(`${JSON.stringify(await { loop }[positionals[0]](killSwitch))}\n`);
} finally {
  run.close();
  await killSwitch.close();
}
