import assert from "node:assert/strict";
import { test } from "node:test";
import { LeaseAccount } from "../src/lease-account.js";

const lease = (leaseId, amount, goodUntil = 100) => ({ leaseId, amount, goodUntil });

test("should hand out each unit once, and nothing after the lease is over or given back", () => {
  const account = new LeaseAccount();
  assert.equal(account.take(1n, 0), null);
  account.open(lease("a", 10n), 4n);
  assert.ok(account.take(6n, 0));
  assert.equal(account.take(1n, 0), null);

  account.open(lease("b", 10n), 1n);
  assert.equal(account.take(1n, 100), null);
  assert.ok(account.take(1n, 99));
  assert.deepEqual(account.giveBack(), { leaseId: "b", used: 12n });
  assert.equal(account.take(1n, 0), null);
});

test("should put what a call has cost in the place of its estimate, once", () => {
  const account = new LeaseAccount();
  const call = account.open(lease("a", 10n), 8n);
  call.settle(3n);
  call.settle(1n);
  assert.ok(account.take(7n, 0));
  assert.equal(account.take(1n, 0), null);
  assert.deepEqual(account.giveBack(), { leaseId: "a", used: 10n });
});

test("should take what a call costs beyond its lease out of the next one, and tell it", () => {
  const account = new LeaseAccount();
  const long = account.open(lease("a", 10n), 5n);
  account.told(account.giveBack());
  account.open(lease("b", 10n), 1n);
  long.settle(8n);
  assert.equal(account.take(7n, 0), null);
  assert.ok(account.take(6n, 0));
  assert.deepEqual(account.giveBack(), { leaseId: "b", used: 10n });
});

test("should not spend again what a call of an earlier lease has left over, but tell it", () => {
  const account = new LeaseAccount();
  const long = account.open(lease("a", 10n), 5n);
  account.told(account.giveBack());
  account.open(lease("b", 10n), 4n);
  long.settle(2n);
  assert.equal(account.take(7n, 0), null);
  assert.deepEqual(account.giveBack(), { leaseId: "b", used: 1n });
});

test("should tell the same again when the pipeline has not heard it", () => {
  const account = new LeaseAccount();
  account.open(lease("a", 10n), 5n);
  assert.deepEqual(account.giveBack(), { leaseId: "a", used: 5n });
  const back = account.giveBack();
  assert.deepEqual(back, { leaseId: "a", used: 5n });
  account.told(back);
  assert.equal(account.giveBack(), null);
});
