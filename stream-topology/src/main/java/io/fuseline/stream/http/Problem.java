package io.fuseline.stream.http;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer that is an error, in the terms of RFC 9457. {@code docs/http-api.md} lists the kinds.
 */
final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;
  static final String CONTENT_TYPE = "application/problem+json";

  /** Each kind is one documented problem type with its own HTTP status. */
  enum Kind {
    BAD_REQUEST("bad-request", 400, "The request cannot be read"),
    BAD_PARAMETER("bad-parameter", 400, "A parameter is wrong"),
    BROKEN_BODY("broken-body", 400, "The body cannot be read"),
    FAULTY_SPANS("faulty-spans", 400, "Spans cannot be booked"),
    FAULTY_ACKS("faulty-acks", 400, "Answers to commands cannot be read"),
    FAULTY_OUTCOMES("faulty-outcomes", 400, "Outcomes cannot be counted"),
    UNAUTHORIZED("unauthorized", 401, "The sender is not known"),
    NO_SUCH_ROUTE("no-such-route", 404, "There is nothing at this address"),
    UNKNOWN_RUN("unknown-run", 404, "This run is not known"),
    METHOD_NOT_ALLOWED("method-not-allowed", 405, "This method is not offered here"),
    BODY_TOO_LARGE("body-too-large", 413, "The body is too large"),
    WRONG_CONTENT_TYPE("wrong-content-type", 415, "The body is of another type"),
    WRONG_HOST("wrong-host", 421, "The request names another host"),
    BUSY("busy", 429, "Too much comes in"),
    BUDGET_EXHAUSTED("budget-exhausted", 429, "A budget would be reached"),
    STOPPED("stopped", 429, "The call may not be made"),
    INTERNAL("internal", 500, "The server failed"),
    BROKER_UNAVAILABLE("broker-unavailable", 503, "What came in cannot be kept now"),
    CONTROL_BLIND("control-blind", 503, "The pipeline does not see what is spent"),
    STORE_UNAVAILABLE("store-unavailable", 503, "The state is moving between instances");

    private final String id;
    private final int status;
    private final String title;

    Kind(String id, int status, String title) {
      this.id = id;
      this.status = status;
      this.title = title;
    }

    int status() {
      return status;
    }

    String type() {
      return "urn:fuseline:problem:" + id;
    }
  }

  private final Kind kind;
  private final String action;
  private String retryAfter;
  private final transient Map<String, Object> extensions = new LinkedHashMap<>();

  /**
   * @param detail what was wrong, here and now
   * @param action what the caller can do about it
   */
  Problem(Kind kind, String detail, String action) {
    super(detail);
    this.kind = kind;
    this.action = action;
  }

  /** A parameter whose value was given but is not one that was expected. */
  static Problem badParameter(String parameter, String given, String expected) {
    return new Problem(
            Kind.BAD_PARAMETER,
            "Parameter '" + parameter + "' is '" + given + "'; expected " + expected + ".",
            "Correct the parameter; /openapi.yaml lists all of them.")
        .with("parameter", parameter)
        .with("given", given)
        .with("expected", expected);
  }

  /** More comes in than can be worked on; the sender should come again. */
  static Problem busy(String detail) {
    return new Problem(
            Kind.BUSY, detail + ".", "Send the same batch again after the seconds of Retry-After.")
        .retryAfter(1);
  }

  /** Tells when asking again may help, in the header {@code Retry-After}. */
  Problem retryAfter(int seconds) {
    retryAfter = String.valueOf(seconds);
    return this;
  }

  /** Seconds; null when asking again will not help. */
  String retryAfter() {
    return retryAfter;
  }

  String action() {
    return action;
  }

  Problem with(String member, Object value) {
    extensions.put(member, value);
    return this;
  }

  Kind kind() {
    return kind;
  }

  /** The members of the problem document, in the order to show them in. */
  Map<String, Object> document() {
    return document(kind.status);
  }

  /** The same with the status that was in fact answered, where another layer has chosen it. */
  Map<String, Object> document(int status) {
    var document = new LinkedHashMap<String, Object>();
    document.put("type", kind.type());
    document.put("title", kind.title);
    document.put("status", status);
    document.put("detail", getMessage());
    document.put("action", action);
    document.putAll(extensions);
    return document;
  }
}
