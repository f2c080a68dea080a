import assert from "node:assert/strict";
import { test } from "node:test";
import { toPico, toText } from "../src/money.js";

test("should keep every digit when money is read and written", () => {
  for (const text of ["0", "1", "0.18", "0.000000000001", "12345678901234567890.123456789012"]) {
    assert.equal(toText(toPico(text, "cost")), text);
  }
  assert.equal(toPico("0.1", "a") + toPico("0.2", "b"), toPico("0.3", "c"));
  assert.equal(toText(toPico("007.50", "cost")), "7.5");
});

test("should say what is wrong when money is no decimal text", () => {
  for (const wrong of [0.18, "-1", "1e3", "", ".5", "0.0000000000001", null, undefined, "NaN"]) {
    assert.throws(() => toPico(wrong, "estimate"), /estimate is .*expected decimal text such as "0.18"/);
  }
});
