package io.fuseline.alerting.sink;

import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends e-mail by SMTP. A reply code of 4xx is tried again, one of 5xx is final (RFC 5321, section
 * 4.2.1). A repetition has the same Message-ID, and all mails of an episode refer to one thread.
 */
final class Mail implements SinkTarget {
  private static final Logger LOG = LoggerFactory.getLogger(Mail.class);
  private static final int MAX_SUBJECT = 200;
  private static final int MAX_BODY = 64 * 1024;
  // A line of mail has at most 998 characters (RFC 5322, section 2.1.1).
  private static final int MAX_HEADER = 900;

  private final MailSettings settings;
  private final Session session;
  private final ExecutorService threads;

  /**
   * @param sockets makes TLS connections; null for the JVM's own way
   */
  Mail(MailSettings settings, SSLSocketFactory sockets) {
    this.settings = settings;
    session = Session.getInstance(properties(settings, sockets));
    threads =
        Executors.newCachedThreadPool(
            task -> {
              var thread = new Thread(task, "fuseline-sink-mail");
              thread.setDaemon(true);
              return thread;
            });
  }

  private static Properties properties(MailSettings settings, SSLSocketFactory sockets) {
    var millis = Long.toString(settings.timeout().toMillis());
    var properties = new Properties();
    properties.put("mail.smtp.connectiontimeout", millis);
    properties.put("mail.smtp.timeout", millis);
    properties.put("mail.smtp.writetimeout", millis);
    switch (settings.security()) {
      case STARTTLS -> {
        properties.put("mail.smtp.starttls.enable", "true");
        // A server, or someone between, that does not offer it would get everything in the clear.
        properties.put("mail.smtp.starttls.required", "true");
      }
      case TLS -> properties.put("mail.smtp.ssl.enable", "true");
      case NONE -> {}
    }
    properties.put("mail.smtp.ssl.checkserveridentity", "true");
    if (sockets != null) {
      properties.put("mail.smtp.ssl.socketFactory", sockets);
    }
    properties.put("mail.smtp.auth", Boolean.toString(settings.user() != null));
    // One address that is gone must not keep the mail from the others.
    properties.put("mail.smtp.sendpartial", "true");
    return properties;
  }

  @Override
  public Answer attempt(Event event, int attempt) throws InterruptedException {
    // On a thread of its own, since reading from a socket does not end when the sink closes.
    var sending = threads.submit(() -> send(event));
    try {
      return sending.get();
    } catch (ExecutionException e) {
      return Answer.failed(describe(e.getCause()));
    }
  }

  private Answer send(Event event) {
    try {
      var message = message(event);
      try (var transport = session.getTransport("smtp")) {
        transport.connect(
            settings.host(),
            settings.port(),
            settings.user(),
            settings.password() == null ? null : settings.password().value());
        transport.sendMessage(message, message.getAllRecipients());
      }
      return Answer.delivered("250");
    } catch (AuthenticationFailedException e) {
      return ofCode(codeIn(e.getMessage()), "login failed: " + e.getMessage());
    } catch (SendFailedException e) {
      return refused(e);
    } catch (MessagingException e) {
      return e instanceof SMTPSendFailedException failed
          ? ofCode(failed.getReturnCode(), failed.getMessage())
          : Answer.failed(describe(e));
    }
  }

  private static Answer refused(SendFailedException failure) {
    var sent = failure.getValidSentAddresses();
    if (sent != null && sent.length > 0) {
      var refused = failure.getInvalidAddresses();
      LOG.warn("Mail server refused {} of the receivers: {}", count(refused), said(failure));
      return Answer.delivered(
          "taken for " + sent.length + ", refused for " + count(refused) + ": " + said(failure));
    }
    return ofCode(code(failure), said(failure));
  }

  private static int count(Address[] addresses) {
    return addresses == null ? 0 : addresses.length;
  }

  /** The most hopeful reply code in a chain of failures: one that may pass wins. */
  private static int code(MessagingException failure) {
    var code = 0;
    for (Exception e = failure; e != null; ) {
      var own = 0;
      if (e instanceof SMTPAddressFailedException address) {
        own = address.getReturnCode();
      } else if (e instanceof SMTPSenderFailedException sender) {
        own = sender.getReturnCode();
      } else if (e instanceof SMTPSendFailedException send) {
        own = send.getReturnCode();
      }
      if (own >= 400 && (code == 0 || own < code)) {
        code = own;
      }
      e = e instanceof MessagingException messaging ? messaging.getNextException() : null;
    }
    return code;
  }

  private static String said(MessagingException failure) {
    var said = new StringBuilder();
    for (Exception e = failure; e != null; ) {
      if (e instanceof SMTPAddressFailedException
          || e instanceof SMTPSenderFailedException
          || e instanceof SMTPSendFailedException) {
        said.append(said.isEmpty() ? "" : "; ").append(Text.oneLine(e.getMessage(), 200));
      }
      e = e instanceof MessagingException messaging ? messaging.getNextException() : null;
    }
    return said.isEmpty() ? describe(failure) : said.toString();
  }

  /** Codes from 500 are final; whatever has none may be a matter of the network. */
  private static Answer ofCode(int code, String said) {
    var what = Text.oneLine(said == null ? "" : said, 500);
    return code >= 500 ? Answer.refused(what) : Answer.failed(what);
  }

  private static int codeIn(String reply) {
    return reply != null && reply.matches("(?s)[45]\\d\\d.*")
        ? Integer.parseInt(reply.substring(0, 3))
        : 0;
  }

  private static String describe(Throwable failure) {
    return Text.oneLine(failure.getClass().getSimpleName() + ": " + failure.getMessage(), 500);
  }

  private MimeMessage message(Event event) throws MessagingException {
    var message = new Identified(session, id(event.id()));
    message.setFrom(new InternetAddress(settings.from(), true));
    for (var receiver : settings.to()) {
      message.addRecipient(RecipientType.TO, new InternetAddress(receiver, true));
    }
    // One line, whatever a span said: the rest of a subject would be headers.
    message.setSubject(
        Text.oneLine("[Fuseline] " + event.title(), MAX_SUBJECT), StandardCharsets.UTF_8.name());
    message.setText(Text.cut(text(event), MAX_BODY), StandardCharsets.UTF_8.name());
    message.setSentDate(Date.from(event.issuedAt()));
    // Clients show mails that refer to the same one as one thread.
    message.setHeader("References", id(event.episode()));
    var id = Webhook.headerText(event.id());
    message.setHeader("X-Fuseline-Event-Id", id.substring(0, Math.min(id.length(), MAX_HEADER)));
    // No holiday replies (RFC 3834).
    message.setHeader("Auto-Submitted", "auto-generated");
    message.saveChanges();
    return message;
  }

  private static String text(Event event) {
    var text = new StringBuilder(event.text()).append("\n\n");
    event
        .summary()
        .forEach(
            (name, value) -> {
              if (!value.equals(event.text())) {
                text.append(name).append(": ").append(Text.oneLine(value, 2000)).append('\n');
              }
            });
    return text.append("\nid: ").append(Text.oneLine(event.id(), 2000)).append('\n').toString();
  }

  /** The same for the same text, and safe in a header whatever the text. */
  static String id(String text) {
    return "<" + UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)) + "@fuseline>";
  }

  /** A message that keeps its id when it is saved. */
  private static final class Identified extends MimeMessage {
    private final String id;

    Identified(Session session, String id) {
      super(session);
      this.id = id;
    }

    @Override
    protected void updateMessageID() throws MessagingException {
      setHeader("Message-ID", id);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
