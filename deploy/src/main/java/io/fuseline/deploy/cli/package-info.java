/**
 * The command line {@code fuseline}. Each command is one class; what it does lives in the packages
 * beside this one.
 */
package io.fuseline.deploy.cli;
