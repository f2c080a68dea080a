package io.fuseline.stream.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.stream.admission.Ask;
import io.fuseline.stream.judge.Amount;
import io.fuseline.stream.policy.Subject;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;

/** A question for admission as it is sent, read strictly: what is wrong is named. */
final class AdmissionDocument {
  private static final Set<String> ASK =
      Set.of(
          "tenant",
          "root_run_id",
          "run_id",
          "agent_id",
          "team",
          "project",
          "cost_center",
          "workflow",
          "role",
          "environment",
          "tool",
          "model",
          "action_value",
          "estimate",
          "currency",
          "holder",
          "lease",
          "lease_id",
          "used");

  /** Money that fits: below 9.2 million, to 12 decimals. */
  private static final Pattern MONEY = Pattern.compile("\\d{1,7}(\\.\\d{1,12})?");

  private static final BigDecimal MOST = BigDecimal.valueOf(9_000_000);
  private static final int LONGEST = 512;

  private final JsonNode node;

  private AdmissionDocument(JsonNode node) {
    this.node = node;
  }

  /**
   * @param currency ISO 4217 currency that is counted in
   * @throws Problem naming the first field that is wrong
   */
  static Ask ask(byte[] body, String currency) {
    return parse(body).read(currency, true);
  }

  /** A lease that ends early; no estimate. */
  static Ask giveBack(byte[] body, String currency) {
    Ask ask = parse(body).read(currency, false);
    if (ask.returned() == null) {
      throw wrong("lease_id", "", "the lease that ends");
    }
    return ask;
  }

  private static AdmissionDocument parse(byte[] body) {
    JsonNode node;
    try {
      node = Json.tree(body);
    } catch (IOException e) {
      throw new Problem(
          Problem.Kind.BROKEN_BODY,
          "The body is not JSON: " + e.getMessage().lines().findFirst().orElse(""),
          "Send one JSON object; docs/admission.md shows one.");
    }
    if (node == null || !node.isObject()) {
      throw new Problem(
          Problem.Kind.BROKEN_BODY,
          "The body is not a JSON object.",
          "Send one JSON object; docs/admission.md shows one.");
    }
    node.fieldNames()
        .forEachRemaining(
            field -> {
              if (!ASK.contains(field)) {
                throw new Problem(
                        Problem.Kind.BAD_PARAMETER,
                        "Field '" + field + "' is not known.",
                        "Remove or rename it; the fields are "
                            + String.join(", ", new TreeSet<>(ASK))
                            + ".")
                    .with("parameter", field)
                    .with("given", node.get(field).toString())
                    .with("expected", "one of " + String.join(", ", new TreeSet<>(ASK)));
              }
            });
    return new AdmissionDocument(node);
  }

  private Ask read(String currency, boolean estimated) {
    String tenant = text("tenant", QueryRoutes.DEFAULT_TENANT);
    String root = text("root_run_id", null);
    if (root == null) {
      throw wrong("root_run_id", "", "the id of the root run that calls");
    }
    String given = text("currency", currency);
    if (!given.equals(currency)) {
      throw wrong("currency", given, currency + ", which this pipeline counts in");
    }
    Long estimate = money("estimate");
    if (estimated && estimate == null) {
      throw wrong("estimate", "", "what the next call is thought to cost, such as \"0.18\"");
    }
    Long lease = money("lease");
    String holder = text("holder", null);
    if (lease != null && lease > 0 && holder == null) {
      throw wrong("holder", "", "who holds the lease, such as \"host-7/worker-2\"");
    }
    Long actionValue = money("action_value");
    Long used = money("used");
    Subject subject =
        new Subject(
                tenant,
                text("agent_id", ""),
                text("role", null),
                text("team", null),
                text("project", null),
                text("workflow", null),
                text("cost_center", null),
                text("environment", null))
            .calling(text("tool", null), text("model", null))
            .tagged(Map.of());
    return new Ask(
        "lease-" + UUID.randomUUID(),
        subject,
        root,
        text("run_id", root),
        estimate == null ? 0 : estimate,
        actionValue == null ? 0 : actionValue,
        holder,
        lease == null ? 0 : lease,
        text("lease_id", null),
        used == null ? Ask.UNKNOWN : used);
  }

  private String text(String field, String otherwise) {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return otherwise;
    }
    if (!value.isTextual() || value.asText().isEmpty() || value.asText().length() > LONGEST) {
      throw wrong(
          field, value.toString(), "a text of 1 to " + LONGEST + " characters, or no such field");
    }
    return value.asText();
  }

  /** Pico-units; null when it is not given. */
  private Long money(String field) {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (value.isTextual() && MONEY.matcher(value.asText()).matches()) {
      BigDecimal amount = new BigDecimal(value.asText());
      if (amount.compareTo(MOST) <= 0) {
        return amount.movePointRight(Amount.SCALE).longValueExact();
      }
    }
    throw wrong(
        field,
        value.toString(),
        "an amount of money as text, from 0 to 9000000 with at most 12 decimals, such as \"0.18\"");
  }

  private static Problem wrong(String field, String given, String expected) {
    return new Problem(
            Problem.Kind.BAD_PARAMETER,
            given.isEmpty()
                ? "Field '" + field + "' is missing; expected " + expected + "."
                : "Field '" + field + "' is " + given + "; expected " + expected + ".",
            "Correct the field; docs/admission.md lists all of them.")
        .with("parameter", field)
        .with("given", given)
        .with("expected", expected);
  }
}
