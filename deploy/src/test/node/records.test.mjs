import assert from "node:assert/strict";
import { test } from "node:test";
import avro from "avsc";
import { exact, toJson } from "./records.mjs";

const type = (schema) => avro.Type.forSchema(schema, exact);
const decimal = type({ type: "bytes", logicalType: "decimal", precision: 38, scale: 12 });
const optionalLong = type(["null", "long"]);

test("a decimal keeps every digit", () => {
  const largest = `${"9".repeat(26)}.${"9".repeat(12)}`;
  for (const text of ["0", "0.000000000001", "-0.000000000001", "127", "-128", "12.75", largest, `-${largest}`]) {
    assert.equal(decimal.fromBuffer(decimal.toBuffer(text)), text);
  }
});

test("a decimal has the bytes of Java's BigInteger", () => {
  const cents = type({ type: "bytes", logicalType: "decimal", precision: 9, scale: 2 });
  // One byte of content has the length 2 before it, as Avro writes lengths.
  assert.equal(cents.toBuffer("1.27").toString("hex"), "027f");
  assert.equal(cents.toBuffer("-1.28").toString("hex"), "0280");
  assert.equal(cents.toBuffer("1.28").toString("hex"), "040080");
});

test("a decimal that does not fit is refused", () => {
  for (const text of ["0.0000000000001", "1e3", "", ".5", 0.5, "9".repeat(27)]) {
    assert.throws(() => decimal.toBuffer(text), /invalid/);
  }
});

test("a long keeps all 64 bits, also in a union and in a map", () => {
  for (const value of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    assert.equal(optionalLong.fromBuffer(optionalLong.toBuffer(value)), value);
  }
  const usage = type({ type: "map", values: "long" });
  assert.deepEqual(usage.fromBuffer(usage.toBuffer({ input_tokens: 1200 })), { input_tokens: 1200n });
  assert.equal(optionalLong.isValid(2n ** 63n), false);
});

test("a time is a number of microseconds", () => {
  const time = type(["null", { type: "long", logicalType: "timestamp-micros" }]);
  assert.equal(time.fromBuffer(time.toBuffer(1_772_366_400_123_456)), 1_772_366_400_123_456);
});

test("JSON writes longs as strings", () => {
  assert.equal(toJson({ epoch: 2n ** 60n }), '{"epoch":"1152921504606846976"}');
});
