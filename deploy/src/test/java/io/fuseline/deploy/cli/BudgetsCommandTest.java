package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BudgetsCommandTest {
  private static final String ANSWER =
      """
      {"currency": "USD", "targetType": "run", "tenant": "acme", "target": "r/1", "budgets": [
        {"policyId": "cap", "policyVersion": "1", "mode": "ENFORCE", "window": "LIFE", "unit": "USD",
         "targetType": "run", "target": "r/1", "spend": "0.36", "limit": "1", "raised": "0",
         "stopsAt": "1", "reserved": "0.5", "headroom": "0.14", "pacePerHour": "12",
         "endsAt": "2026-05-04T16:36:00Z", "reset": null},
        {"policyId": "tree", "policyVersion": "1", "mode": "SHADOW", "window": "MONTH Europe/Berlin", "unit": "steps",
         "targetType": "run", "target": "r/2", "spend": "7", "limit": "50", "raised": "0",
         "stopsAt": null, "reserved": "0", "headroom": "43", "pacePerHour": null,
         "endsAt": null, "reset": "2026-06-01T00:00:00Z"}]}
      """;

  private HttpServer server;
  private String asked;
  private int status = 200;
  private String answer = ANSWER;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked = exchange.getRequestURI().toString();
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private CommandRun run(String... args) {
    String[] all = new String[args.length + 3];
    all[0] = "budgets";
    all[1] = "--url";
    all[2] = "http://127.0.0.1:" + server.getAddress().getPort();
    System.arraycopy(args, 0, all, 3, args.length);
    return CommandRun.of(all);
  }

  @Test
  void shouldShowWhatIsSpentPromisedAndLeft() {
    CommandRun run = run("run", "r/1", "--tenant", "acme");
    assertThat(run.exitCode()).isZero();
    assertThat(asked).isEqualTo("/v1/budgets?scope_type=run&scope=r%2F1&tenant=acme");
    assertThat(run.out().lines())
        .containsExactly(
            "POLICY      MODE     WINDOW               SPEND  LIMIT  RESERVED  HEADROOM  UNIT   PER HOUR  ENDS                  RESET",
            "cap         enforce  life                  0.36      1       0.5      0.14  USD          12  2026-05-04T16:36:00Z  -",
            "tree (r/2)  shadow   month Europe/Berlin      7     50         0        43  steps         -  -                     2026-06-01T00:00:00Z");
  }

  @Test
  void shouldGiveTheAnswerAsItIsForMachines() {
    assertThat(run("run", "r/1", "--json").out()).isEqualTo(ANSWER + System.lineSeparator());
  }

  @Test
  void shouldSaySoWhenNoBudgetHolds() {
    answer = "{\"target\": \"x\", \"budgets\": []}";
    assertThat(run("agent", "x").out()).contains("No budget holds for agent x.");
  }

  @Test
  void shouldSayWhatIsWrongWithTheQuestion() {
    status = 400;
    answer = "{\"detail\": \"Parameter 'scope_type' is 'planet'; expected one of run, agent.\"}";
    CommandRun run = run("planet", "mars");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("expected one of run, agent");
  }

  @Test
  void shouldSayWhoDoesNotAnswer() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    CommandRun run = CommandRun.of("budgets", "run", "r", "--url", "http://127.0.0.1:" + free);
    assertThat(run.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(run.err()).contains("127.0.0.1:" + free, "--url");

    status = 503;
    answer = "{\"detail\": \"It moves.\"}";
    CommandRun moving = run("run", "r");
    assertThat(moving.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(moving.err()).contains("It moves.");
  }
}
