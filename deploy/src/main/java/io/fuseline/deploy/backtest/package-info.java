/**
 * What a candidate set of policies would have done to the past, beside a baseline: the spans of a
 * file go through {@link io.fuseline.deploy.replay}, and what comes out is weighed against how each
 * run ended. Start with {@link io.fuseline.deploy.backtest.Backtest}.
 */
package io.fuseline.deploy.backtest;
