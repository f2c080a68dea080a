package io.fuseline.deploy.up;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks the pipeline over HTTP, as an analyst does. */
final class CostApi {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Most values the API gives at once. */
  private static final int LIMIT = 1_000;

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final String address;

  /**
   * @param address such as {@code http://127.0.0.1:8420}
   */
  CostApi(String address) {
    this.address = address;
  }

  /**
   * What one agent has cost so far.
   *
   * @param unpricedBound conservative bound of what has no price; not part of the cost
   */
  record AgentCost(
      String tenant,
      String agent,
      long spans,
      long toolCalls,
      BigDecimal cost,
      BigDecimal unpricedBound) {}

  /** Whether the pipeline can answer now. */
  boolean isReady() throws InterruptedException {
    try {
      return get("/health/ready").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * All agents, dearest first.
   *
   * @throws IOException when the pipeline does not answer
   */
  List<AgentCost> agents() throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = get("/v1/top/agent?by=total&limit=" + LIMIT);
    if (answer.statusCode() != 200) {
      throw new IOException(answer.uri() + " answered " + answer.statusCode());
    }
    List<AgentCost> agents = new ArrayList<>();
    for (JsonNode value : json.readTree(answer.body()).path("values")) {
      agents.add(
          new AgentCost(
              value.path("tenant").asText(),
              value.path("value").asText(),
              value.path("spans").asLong(),
              value.path("toolCalls").asLong(),
              new BigDecimal(value.path("cost").asText()),
              new BigDecimal(value.path("unpricedBound").asText())));
    }
    return agents;
  }

  private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(address + path)).timeout(PATIENCE).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }
}
