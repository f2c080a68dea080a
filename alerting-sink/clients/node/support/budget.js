import { toPico, toText } from "../src/money.js";

/** A budget that answers questions as a pipeline does: what it granted and what was spent stays below its limit. */
export class Budget {
  leases = new Map();
  spent = 0n;
  granted = 0;
  questions = 0;

  /** @param {string} limit @param {{ttlMs?: number, most?: string}} [options] most: of one lease */
  constructor(limit, { ttlMs = 5_000, most = limit } = {}) {
    this.limit = toPico(limit, "limit");
    this.most = toPico(most, "most");
    this.ttlMs = ttlMs;
  }

  answer(path, body) {
    if (!path.startsWith("/v1/admission")) {
      return {};
    }
    this.#back(body);
    if (path === "/v1/admission/release") {
      return { status: 204 };
    }
    this.questions++;
    const estimate = toPico(body.estimate, "estimate");
    const headroom = this.limit - this.spent - [...this.leases.values()].reduce((sum, lease) => sum + lease, 0n);
    if (estimate > headroom) {
      return {
        status: 429,
        body: {
          type: "urn:fuseline:problem:budget-exhausted",
          decision: "DENY",
          detail: `Run ${body.root_run_id} has spent ${toText(this.spent)} of ${toText(this.limit)} USD.`,
          scope_type: "RUN",
          scope: body.root_run_id,
          policy_id: "cap",
          spend: toText(this.spent),
          limit: toText(this.limit),
          currency: "USD",
          reset: "2026-11-26T00:00:00Z",
        },
      };
    }
    let lease = null;
    if (body.lease) {
      const amount = [toPico(body.lease, "lease"), this.most, headroom].reduce((a, b) => (a < b ? a : b));
      lease = { lease_id: `lease-${++this.granted}`, amount: toText(amount), ttl_ms: this.ttlMs };
      this.leases.set(lease.lease_id, amount);
    } else {
      this.spent += estimate; // what was allowed without a lease is taken as spent
    }
    return { body: { decision: "ALLOW", headroom: toText(headroom), currency: "USD", lease, control: "OK" } };
  }

  #back({ lease_id: id, used }) {
    if (this.leases.delete(id)) {
      this.spent += toPico(used, "used");
    }
  }
}
