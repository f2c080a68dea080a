package io.fuseline.deploy.stack;

import java.nio.file.Path;

/** A program that starts a stack and ends without closing it. */
final class UnclosedStack {
  private UnclosedStack() {}

  @SuppressWarnings({"resource", "SystemOut"})
  public static void main(String[] args) {
    LocalStack stack = LocalStack.start(Path.of(args[0]), System.out::println);
    stack.pids().forEach(pid -> System.out.println("pid " + pid));
    System.exit(0);
  }
}
