package io.fuseline.deploy.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL of our own: its own data folder, on the loopback address. PostgreSQL refuses to run
 * as root; then the user {@code postgres} runs it, whom Debian's package makes.
 */
final class PostgresServer implements AutoCloseable {
  /**
   * As much memory as the other programs give to state. A commit is durable: it waits for the disk.
   * The rest keeps checkpoints out of a run that is shorter than they are apart.
   */
  static final List<String> SETTINGS =
      List.of(
          "shared_buffers=256MB",
          "fsync=on",
          "synchronous_commit=on",
          "max_wal_size=4GB",
          "checkpoint_timeout=15min",
          "autovacuum=on",
          "jit=off",
          "unix_socket_directories=");

  private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
  private static final Duration START_WITHIN = Duration.ofSeconds(60);

  /** Linux reports in hundredths of a second. */
  private static final long TICK_NANOS = 10_000_000;

  private static final String HOST = "127.0.0.1";
  private static final String USER = "postgres";

  private final Process process;
  private final int port;

  private PostgresServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts it and waits until it answers.
   *
   * @param folder for its data and its log, made when missing
   */
  static PostgresServer start(Path folder) {
    try {
      Path programs = programs();
      Files.createDirectories(folder);
      Path data = folder.resolve("data");
      Path log = folder.resolve("postgres.log");
      if (isRoot()) {
        open(folder);
        run(log, List.of("chown", USER, folder.toString()));
      }
      run(
          log,
          asUser(
              programs.resolve("initdb").toString(),
              "--pgdata=" + data,
              "--username=" + USER,
              "--auth=trust",
              "--encoding=UTF8",
              "--locale=C",
              "--no-sync"));
      int port = freePort();
      List<String> command =
          new ArrayList<>(
              asUser(
                  programs.resolve("postgres").toString(),
                  "-D",
                  data.toString(),
                  "-h",
                  HOST,
                  "-p",
                  String.valueOf(port)));
      SETTINGS.forEach(setting -> command.addAll(List.of("-c", setting)));
      Process process = process(log, command).start();
      PostgresServer server = new PostgresServer(process, port);
      server.awaitAnswer(log);
      return server;
    } catch (IOException e) {
      throw new BenchException("PostgreSQL cannot be started: " + e.getMessage(), e);
    }
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + HOST + ":" + port + "/postgres?user=" + USER);
  }

  /** CPU time of all its processes, those that have ended among them. */
  long cpuNanos() {
    return endedNanos()
        + Stream.concat(Stream.of(process.toHandle()), process.descendants())
            .map(each -> each.info().totalCpuDuration())
            .flatMap(Optional::stream)
            .mapToLong(Duration::toNanos)
            .sum();
  }

  /** Of those it has waited for; see proc(5), cutime and cstime. */
  private long endedNanos() {
    try {
      String stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
      // The name may hold blanks; after it come the fields from the third on.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) * TICK_NANOS;
    } catch (IOException e) {
      throw new BenchException("The CPU time of PostgreSQL cannot be read: " + e.getMessage(), e);
    }
  }

  /** Nothing is to be kept: it is killed with all its processes. */
  @Override
  public void close() {
    List<ProcessHandle> all = process.descendants().toList();
    process.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
  }

  private void awaitAnswer(Path log) throws IOException {
    long deadline = System.nanoTime() + START_WITHIN.toNanos();
    while (true) {
      try (Connection connection = connect()) {
        return;
      } catch (SQLException notYet) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new BenchException(
              "PostgreSQL does not answer: " + notYet.getMessage() + "\n" + Files.readString(log),
              notYet);
        }
        pause();
      }
    }
  }

  private static Path programs() throws IOException {
    if (!Files.isDirectory(DEBIAN)) {
      throw new BenchException(
          "There is no " + DEBIAN + "; install Debian's package postgresql first.");
    }
    try (Stream<Path> versions = Files.list(DEBIAN)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
          .max(
              Comparator.comparingInt(
                  bin -> Integer.parseInt(bin.getParent().getFileName().toString())))
          .orElseThrow(
              () -> new BenchException("No PostgreSQL server is installed in " + DEBIAN + "."));
    }
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  /** Whoever runs it must reach its folder through those above. */
  private static void open(Path folder) throws IOException {
    for (Path each = folder; each != null && isTemporary(each); each = each.getParent()) {
      Files.setPosixFilePermissions(
          each, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  private static boolean isTemporary(Path folder) {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    return folder.startsWith(temporary) && !folder.equals(temporary);
  }

  private static List<String> asUser(String... command) {
    List<String> all = new ArrayList<>();
    if (isRoot()) {
      all.addAll(List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups"));
    }
    all.addAll(Arrays.asList(command));
    return all;
  }

  private static ProcessBuilder process(Path log, List<String> command) {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
  }

  private static void run(Path log, List<String> command) throws IOException {
    try {
      Process process = process(log, command).start();
      if (!process.waitFor(START_WITHIN.toSeconds(), TimeUnit.SECONDS)
          || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new BenchException(String.join(" ", command) + " failed:\n" + Files.readString(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("Interrupted while PostgreSQL was started", e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("Interrupted while PostgreSQL was started", e);
    }
  }
}
