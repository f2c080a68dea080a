/**
 * Kills the pipeline with -9 again and again while spans are repeated and come in disorder, and
 * checks that nothing was counted wrong, lost or said twice.
 */
package io.fuseline.deploy.chaos;
