package io.fuseline.deploy.cli;

import io.fuseline.deploy.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * What a command answered.
 *
 * @param exitCode as the shell would see it
 * @param out standard output
 * @param err standard error
 */
record CommandRun(int exitCode, String out, String err) {
  static CommandRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine =
        Fuseline.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return new CommandRun(commandLine.execute(args), out.toString(), err.toString());
  }

  /** With the addresses of a stack. */
  static CommandRun on(LocalStack stack, String... args) {
    Stream<String> addresses =
        Stream.of(
            "--bootstrap-servers", stack.bootstrapServers(), "--registry-url", stack.registryUrl());
    return of(Stream.concat(Stream.of(args), addresses).toArray(String[]::new));
  }
}
