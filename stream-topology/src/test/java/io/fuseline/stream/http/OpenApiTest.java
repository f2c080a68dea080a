package io.fuseline.stream.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/**
 * The document says what the server does: same routes, and answers with the very fields that are
 * documented.
 */
class OpenApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static HttpServer server;
  private static JsonNode document;

  @BeforeAll
  static void start() throws Exception {
    Clock clock = Clock.systemUTC();
    server =
        HttpServerFixture.start(ExampleQueries.fleet(clock), ExampleQueries.fleet(clock), clock);
    document = JSON.valueToTree(new Yaml().load(get("/openapi.yaml")));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void shouldDocumentEveryRouteAndNoOther() {
    var documented = new ArrayList<String>();
    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        method ->
                            documented.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
    assertThat(documented).containsExactlyInAnyOrderElementsOf(server.routes());
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/costs/{dimension}/{value}, /v1/costs/agent/code-review?tenant=acme&window=1h",
    "/v1/top/{dimension}, /v1/top/tool?by=day",
    "/v1/runs/{rootRunId}, /v1/runs/" + ExampleQueries.LOOPING_RUN,
    "/v1/episodes, /v1/episodes",
    "/v1/commands/open, /v1/commands/open",
    "/v1/budgets, /v1/budgets?scope_type=agent&scope=support&tenant=acme",
    "/internal/v1/budgets, /internal/v1/budgets?scope_type=run&scope=r-1",
    "/internal/v1/commands/open, /internal/v1/commands/open",
    "/internal/v1/costs/{dimension}/{value}, /internal/v1/costs/tenant/acme",
    "/internal/v1/top/{dimension}, /internal/v1/top/agent",
    "/internal/v1/runs/{rootRunId}, /internal/v1/runs/" + ExampleQueries.LOOPING_RUN,
    "/internal/v1/episodes, /internal/v1/episodes",
    "/health/live, /health/live",
    "/health/ready, /health/ready"
  })
  void shouldAnswerWithTheDocumentedFields(String path, String address) throws Exception {
    JsonNode schema =
        document
            .path("paths")
            .path(path)
            .path("get")
            .path("responses")
            .path("200")
            .path("content")
            .path("application/json")
            .path("schema");
    assertThat(differences(schema, JSON.readTree(get(address)), "answer")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/v1/runs/nope", "/v1/top/agent?by=week", "/nothing", "/v1/budgets?scope=x"})
  void shouldAnswerErrorsWithTheDocumentedFields(String address) throws Exception {
    JsonNode schema = document.path("components").path("schemas").path("Problem");
    assertThat(differences(schema, JSON.readTree(get(address)), "problem")).isEmpty();
  }

  @Test
  void shouldAnswerWhatIsSentWithTheDocumentedFields() throws Exception {
    JsonNode schemas = document.path("components").path("schemas");
    String traces = "{\"resourceSpans\": []}";
    assertThat(
            differences(
                schemas.path("OtlpAnswer"), JSON.readTree(post("/v1/traces", traces)), "answer"))
        .isEmpty();
    assertThat(differences(schemas.path("Taken"), JSON.readTree(post("/v1/spans", "[]")), "answer"))
        .isEmpty();
    assertThat(
            differences(schemas.path("AcksTaken"), JSON.readTree(post("/v1/acks", "[]")), "answer"))
        .isEmpty();
    assertThat(
            differences(
                schemas.path("Counted"), JSON.readTree(post("/v1/outcomes", "[]")), "answer"))
        .isEmpty();
    for (String path : List.of("/v1/spans", "/v1/acks", "/v1/outcomes")) {
      assertThat(differences(schemas.path("Problem"), JSON.readTree(post(path, "7")), "problem"))
          .isEmpty();
    }
    for (String run : List.of("allowed", "throttled", "approval")) {
      assertThat(differences(schemas.path("Admission"), JSON.readTree(ask(run)), run)).isEmpty();
    }
    for (String run : List.of("exhausted", "stopped", "blind")) {
      assertThat(differences(schemas.path("Problem"), JSON.readTree(ask(run)), run)).isEmpty();
    }
  }

  @Test
  void shouldDocumentEveryChoice() {
    JsonNode schemas = document.path("components").path("schemas");
    assertThat(choices(schemas.path("Dimension"))).isEqualTo(WireNames.DIMENSIONS.choices());
    assertThat(choices(schemas.path("Window"))).isEqualTo(WireNames.WINDOWS.choices());
    assertThat(choices(schemas.path("Span"))).isEqualTo(WireNames.SPANS.choices());
  }

  private static String choices(JsonNode schema) {
    var choices = new ArrayList<String>();
    schema.path("enum").forEach(choice -> choices.add(choice.asText()));
    return String.join(", ", choices);
  }

  /**
   * Where {@code value} is not what {@code schema} says: types, enums, patterns, and exactly the
   * documented members.
   */
  private static List<String> differences(JsonNode schema, JsonNode value, String where) {
    if (schema.has("$ref")) {
      return differences(document.at(schema.path("$ref").asText().substring(1)), value, where);
    }
    var found = new ArrayList<String>();
    if (!types(schema.path("type")).contains(typeOf(value))) {
      found.add(where + " is " + typeOf(value) + ", documented as " + schema.path("type"));
    }
    if (schema.has("enum") && !Set.copyOf(textsOf(schema.path("enum"))).contains(value.asText())) {
      found.add(where + " is " + value + ", documented as " + schema.path("enum"));
    }
    if (schema.has("pattern") && !value.asText().matches(schema.path("pattern").asText())) {
      found.add(where + " is " + value + ", documented as " + schema.path("pattern"));
    }
    value.forEach(
        item ->
            found.addAll(
                value.isArray()
                    ? differences(schema.path("items"), item, where + "[]")
                    : List.of()));
    if (value.isObject()) {
      found.addAll(memberDifferences(schema, value, where));
    }
    return found;
  }

  private static List<String> memberDifferences(JsonNode schema, JsonNode value, String where) {
    var found = new ArrayList<String>();
    JsonNode others = schema.path("additionalProperties");
    value
        .properties()
        .forEach(
            member -> {
              String name = where + "." + member.getKey();
              if (schema.path("properties").has(member.getKey())) {
                found.addAll(
                    differences(
                        schema.path("properties").path(member.getKey()), member.getValue(), name));
              } else if (others.isObject()) {
                found.addAll(differences(others, member.getValue(), name));
              } else if (!others.asBoolean()) {
                found.add(name + " is not documented");
              }
            });
    for (String required : textsOf(schema.path("required"))) {
      if (!value.has(required)) {
        found.add(where + "." + required + " is missing");
      }
    }
    return found;
  }

  private static Set<String> types(JsonNode type) {
    return type.isArray() ? new HashSet<>(textsOf(type)) : Set.of(type.asText());
  }

  private static List<String> textsOf(JsonNode array) {
    var texts = new ArrayList<String>();
    array.forEach(item -> texts.add(item.asText()));
    return texts;
  }

  private static String typeOf(JsonNode value) {
    return value.isIntegralNumber()
        ? "integer"
        : value.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  private static String get(String address) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + address)).build();
    return HTTP.send(request, BodyHandlers.ofString()).body();
  }

  private static String ask(String rootRunId) throws Exception {
    return post(
        "/v1/admission",
        "{\"root_run_id\": \""
            + rootRunId
            + "\", \"estimate\": \"1\", \"holder\": \"h\", \"lease\": \"2\"}");
  }

  private static String post(String address, String json) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + address))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build();
    return HTTP.send(request, BodyHandlers.ofString()).body();
  }
}
