// OpenTelemetry as its documentation sets it up; where spans go is told by OTEL_* variables alone.
const { NodeSDK } = require("@opentelemetry/sdk-node");

/** Starts it; `shutdown()` of what it gives sends what is left. */
exports.startTelemetry = (instrumentations = []) => {
  const sdk = new NodeSDK({ instrumentations });
  sdk.start();
  return sdk;
};
