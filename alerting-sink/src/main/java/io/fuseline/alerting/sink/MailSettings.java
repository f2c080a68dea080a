package io.fuseline.alerting.sink;

import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * People who get e-mail.
 *
 * @param host of the mail server
 * @param security how the connection is protected
 * @param user name to log in with; null for none
 * @param password null without a user
 * @param from address of the sender
 * @param to addresses of the receivers, one or more
 * @param timeout for connecting, and for each answer of the server
 */
record MailSettings(
    String host,
    int port,
    Security security,
    String user,
    Secret password,
    String from,
    List<String> to,
    Duration timeout)
    implements DestinationSettings {

  /** Protection of the connection. */
  enum Security {
    /** Begins in the clear and must change to TLS; refused when the server does not offer it. */
    STARTTLS,
    /** TLS from the first byte. */
    TLS,
    /** In the clear. For a relay on the same host. */
    NONE
  }

  MailSettings {
    to = List.copyOf(to);
  }

  @Override
  public String type() {
    return "email";
  }

  @Override
  public String shown() {
    return host + ":" + port;
  }

  @Override
  public boolean takes(Event event) {
    return event.kind() != Event.Kind.COMMAND;
  }

  @Override
  public boolean takesWhenAsked(Event event) {
    return true;
  }

  @Override
  public SinkTarget open(Clock clock) {
    return new Mail(this, null);
  }
}
