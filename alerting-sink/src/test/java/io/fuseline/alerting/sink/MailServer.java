package io.fuseline.alerting.sink;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.subethamail.smtp.MessageHandler;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.auth.EasyAuthenticationHandlerFactory;
import org.subethamail.smtp.auth.LoginFailedException;
import org.subethamail.smtp.server.SMTPServer;

/** A real mail server that keeps what it gets, and refuses what a test tells it to. */
final class MailServer implements AutoCloseable {
  private final List<Received> mails = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> refusals = new ConcurrentHashMap<>();
  private final SMTPServer server;
  private final int port;

  /** A mail that was taken. */
  record Received(String from, List<String> to, byte[] bytes) {

    /** Decoded; null when there is none. */
    String header(String name) throws MessagingException, IOException {
      var value = message().getHeader(name, null);
      return value == null ? null : MimeUtility.decodeText(MimeUtility.unfold(value));
    }

    String text() throws MessagingException, IOException {
      return message().getContent().toString();
    }

    int longestLine() {
      return new String(bytes, StandardCharsets.UTF_8)
          .lines()
          .mapToInt(String::length)
          .max()
          .orElse(0);
    }

    private MimeMessage message() throws MessagingException {
      return new MimeMessage(
          Session.getInstance(new Properties()), new ByteArrayInputStream(bytes));
    }
  }

  private MailServer(SMTPServer.Builder builder) {
    server =
        builder
            .bindAddress(InetAddress.getLoopbackAddress())
            .insertReceivedHeaders(false)
            .messageHandlerFactory(context -> new Keeper())
            .build();
    server.start();
    port = server.getPortAllocated();
  }

  /** Without TLS or login. */
  static MailServer plain() {
    return new MailServer(SMTPServer.port(0));
  }

  /** Takes nothing before STARTTLS and a login. */
  static MailServer withStartTls(SSLContext keys, String user, String password) {
    return new MailServer(
        SMTPServer.port(0)
            .enableTLS()
            .requireTLS()
            .startTlsSocketFactory(keys)
            .requireAuth()
            .authenticationHandlerFactory(
                new EasyAuthenticationHandlerFactory(
                    (givenUser, givenPassword, context) -> {
                      if (!givenUser.equals(user) || !givenPassword.equals(password)) {
                        throw new LoginFailedException();
                      }
                    })));
  }

  /** Refuses every {@code sender}, {@code recipient} or {@code data}. */
  void refuse(String where, int code) {
    refusals.put(where, code);
  }

  void refuseRecipient(String address, int code) {
    refusals.put(address, code);
  }

  int port() {
    return port;
  }

  List<Received> mails() {
    return mails;
  }

  @Override
  public void close() {
    server.stop();
  }

  private void check(String what) throws RejectException {
    var code = refusals.get(what);
    if (code != null) {
      throw new RejectException(code, "refused by the test");
    }
  }

  private final class Keeper implements MessageHandler {
    private final List<String> to = new ArrayList<>();
    private String from;

    @Override
    public void from(String address) throws RejectException {
      check("sender");
      from = address;
    }

    @Override
    public void recipient(String address) throws RejectException {
      check("recipient");
      check(address);
      to.add(address);
    }

    @Override
    public String data(InputStream mail) throws RejectException, IOException {
      var bytes = mail.readAllBytes();
      check("data");
      mails.add(new Received(from, List.copyOf(to), bytes));
      return null;
    }

    @Override
    public void done() {}
  }
}
