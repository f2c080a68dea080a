package io.fuseline.deploy.replay;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of a replay: written into a hidden folder within the one they are for, and moved up
 * once all are complete. What was not published is deleted, also when the JVM is told to end.
 */
final class OutputFolder implements Closeable {
  private final Path target;
  private final boolean targetIsNew;
  private final Path draft;
  private final List<String> names = new ArrayList<>();
  private final Thread atExit = new Thread(this::delete, "delete-unfinished-replay");

  private OutputFolder(Path target, boolean targetIsNew, Path draft) {
    this.target = target;
    this.targetIsNew = targetIsNew;
    this.draft = draft;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Within the target, since what stands beside it may be another disk, or not be ours to write.
   */
  static OutputFolder in(Path target) throws IOException {
    boolean isNew = Files.notExists(target);
    Files.createDirectories(target);
    return new OutputFolder(target, isNew, Files.createTempDirectory(target, ".fuseline-replay-"));
  }

  /** Opens a new file; the caller closes it. */
  BufferedWriter open(String name) throws IOException {
    names.add(name);
    return Files.newBufferedWriter(draft.resolve(name), StandardCharsets.UTF_8);
  }

  void write(String name, String text) throws IOException {
    names.add(name);
    Files.writeString(draft.resolve(name), text);
  }

  /** Moves the files, all of which are closed, to where they belong. */
  void publish() throws IOException {
    for (String name : names) {
      Files.move(draft.resolve(name), target.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() {
    delete();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException ending) {
      // The hook finds nothing left to delete.
    }
  }

  private void delete() {
    try {
      for (String name : names) {
        Files.deleteIfExists(draft.resolve(name));
      }
      Files.deleteIfExists(draft);
      if (targetIsNew && names.stream().noneMatch(name -> Files.exists(target.resolve(name)))) {
        Files.deleteIfExists(target);
      }
    } catch (IOException leftBehind) {
      // A draft that cannot be deleted harms no later replay: each makes its own.
    }
  }
}
