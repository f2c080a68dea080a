/** A pipeline in a process of its own on a local stack, to be killed and started again. */
package io.fuseline.deploy.pipeline;
