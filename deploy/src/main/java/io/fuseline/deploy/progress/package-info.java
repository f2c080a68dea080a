/** How far long work is: rate and time left on a terminal, plain lines elsewhere. */
package io.fuseline.deploy.progress;
