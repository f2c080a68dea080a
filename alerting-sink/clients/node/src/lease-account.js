/**
 * What may be spent without asking, and what was. No network, no clock: the caller says what time it is. Money in 10^-12 units.
 *
 * Each unit is handed out once: {@link take} takes the estimate off what remains, {@link Taken.settle} puts the actual cost in its
 * place. What calls that are still under way will cost counts as used, so that a lease that is given back early gives back nothing
 * that is being spent.
 */
export class LeaseAccount {
  /** @type {string | null} */
  #leaseId = null;
  #remaining = 0n;
  #goodUntil = 0;
  /** Spent, or being spent, and not told yet. Below zero: more was told than was spent. */
  #used = 0n;
  /** Counts the leases, so that a call knows whether its own still holds. */
  #generation = 0;
  /** Limits that came with the lease. @type {import("../index.d.ts").Caps | null} */
  caps = null;

  /**
   * Takes an estimate from the lease.
   *
   * @param {bigint} estimate
   * @param {number} now
   * @returns {Taken | null} null when the lease is too short, over, or being given back
   */
  take(estimate, now) {
    if (this.#leaseId === null || now >= this.#goodUntil || this.#remaining < estimate) {
      return null;
    }
    return this.#took(estimate);
  }

  /**
   * What to tell the pipeline: the lease to be given back, and what was spent under it. From now on nothing is taken from it: the
   * pipeline may give the rest to others.
   *
   * @returns {{leaseId: string, used: bigint} | null} null without a lease
   */
  giveBack() {
    this.#remaining = 0n;
    return this.#leaseId === null ? null : { leaseId: this.#leaseId, used: this.#used > 0n ? this.#used : 0n };
  }

  /** The pipeline has heard it. @param {{leaseId: string, used: bigint} | null} told */
  told(told) {
    if (told !== null) {
      this.#leaseId = null;
      this.#used -= told.used;
    }
  }

  /**
   * A new lease, and the call that it was asked for, which was allowed whatever the lease's size.
   *
   * @param {{leaseId: string, amount: bigint, goodUntil: number}} lease
   * @param {bigint} estimate
   * @returns {Taken}
   */
  open({ leaseId, amount, goodUntil }, estimate) {
    this.#generation++;
    this.#leaseId = leaseId;
    this.#remaining = amount;
    this.#goodUntil = goodUntil;
    return this.#took(estimate);
  }

  /** @param {bigint} estimate @returns {Taken} */
  #took(estimate) {
    this.#remaining -= estimate;
    this.#used += estimate;
    const generation = this.#generation;
    let settled = false;
    return {
      settle: (actual) => {
        if (!settled) {
          settled = true;
          const more = actual - estimate;
          this.#used += more;
          // What an earlier lease has left over went back with it; what it lacked comes out of this one.
          if (more > 0n || generation === this.#generation) {
            this.#remaining -= more;
          }
        }
      },
    };
  }
}

/** @typedef {{settle: (actual: bigint) => void}} Taken a call under way; only the first settling counts */
