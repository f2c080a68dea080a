/**
 * Getting a cluster ready and keeping it so: its topics with their schemas, and the prices on it.
 */
package io.fuseline.deploy.setup;
