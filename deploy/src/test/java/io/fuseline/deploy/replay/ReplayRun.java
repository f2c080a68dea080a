package io.fuseline.deploy.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** One replay and what it wrote. */
record ReplayRun(ReplaySummary summary, Path out) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** With the shipped prices and policies. */
  static ReplayRun of(Path spans, Path out) throws IOException {
    return of(spans, "default", out);
  }

  static ReplayRun of(Path spans, String policies, Path out) throws IOException {
    ReplaySummary summary =
        Replay.with("default", policies).run(spans, out, new PrintWriter(new StringWriter()));
    return new ReplayRun(summary, out);
  }

  /** Every file that was written, by name. */
  Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> found = Files.list(out)) {
      for (Path file : found.toList()) {
        files.put(
            file.getFileName().toString(),
            new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
      }
    }
    return files;
  }

  String text(String file) throws IOException {
    return Files.readString(out.resolve(file));
  }

  List<JsonNode> lines(String file) throws IOException {
    try (Stream<String> lines = Files.lines(out.resolve(file))) {
      return lines.map(ReplayRun::json).toList();
    }
  }

  List<JsonNode> commands() throws IOException {
    return lines("commands.jsonl");
  }

  /** The actions of the commands, in the order in which they were sent. */
  List<String> actions() throws IOException {
    return commands().stream().map(command -> command.get("action").textValue()).toList();
  }

  private static JsonNode json(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new AssertionError("Not JSON: " + line, e);
    }
  }
}
