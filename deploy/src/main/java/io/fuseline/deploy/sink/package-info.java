/**
 * What the command line adds to the sink service: its status by HTTP, and a look at what it did.
 */
package io.fuseline.deploy.sink;
