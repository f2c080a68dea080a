package io.fuseline.deploy.bench;

/**
 * One sum of the programs that the pipeline is compared with.
 *
 * @param value tenant and value
 * @param start of the window, in milliseconds since 1970
 */
record SpendKey(SpendDimension dimension, String value, SpendWindow window, long start) {}
