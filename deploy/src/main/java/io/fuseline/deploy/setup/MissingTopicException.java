package io.fuseline.deploy.setup;

/** A topic we need is not there. */
public final class MissingTopicException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MissingTopicException(String topic) {
    super("There is no topic " + topic + ". Create the topics with 'fuseline topics create'.");
  }
}
