// The questions of openapi.yaml. Addresses are relative, so that the page also works below a proxy's path.

/** An answer that is not 200, with the server's problem document. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `The server answered ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

const PATIENCE_MS = 8000;

async function ask(path, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined));
  const answer = await fetch(`v1/${path}${query.size ? `?${query}` : ''}`, {
    headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Refused(answer.status, body);
  return body;
}

export function costs(dimension, tenant, value, window, from) {
  return ask(`costs/${encodeURIComponent(dimension)}/${encodeURIComponent(value)}`, { tenant, window, from });
}

export function top(dimension, by, tenant, limit) {
  return ask(`top/${encodeURIComponent(dimension)}`, { by, tenant, limit });
}

export function run(rootRunId) {
  return ask(`runs/${encodeURIComponent(rootRunId)}`);
}

export function episodes(limit) {
  return ask('episodes', { limit });
}
