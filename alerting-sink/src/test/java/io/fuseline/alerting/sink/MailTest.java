package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.alerting.sink.MailSettings.Security;
import io.fuseline.schemas.EpisodeState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a real mail server. */
class MailTest {
  @TempDir private Path folder;

  @Test
  void shouldSendAMailThatNamesTheEpisode() throws Exception {
    try (var server = MailServer.plain()) {
      var answer = attempt(server, Security.NONE, null, Events.alert(EpisodeState.OPEN));

      assertThat(answer.delivered()).as(answer.what()).isTrue();
      var mail = server.mails().get(0);
      assertThat(mail.from()).isEqualTo("fuseline@example.com");
      assertThat(mail.to()).containsExactly("ada@example.com", "bob@example.com");
      assertThat(mail.header("Subject")).isEqualTo("[Fuseline] CRITICAL open: run run-1 (loops)");
      assertThat(mail.header("X-Fuseline-Event-Id")).isEqualTo("alert:a1:open");
      assertThat(mail.header("Auto-Submitted")).isEqualTo("auto-generated");
      assertThat(mail.text())
          .contains(
              "search → read, three times with equal results", "spend: 12.5", "alert:a1:open");
    }
  }

  @Test
  void shouldHaveTheSameIdWhenSentAgainAndJoinItsEpisodesThread() throws Exception {
    try (var server = MailServer.plain()) {
      attempt(server, Security.NONE, null, Events.alert(EpisodeState.OPEN));
      attempt(server, Security.NONE, null, Events.alert(EpisodeState.OPEN));
      attempt(server, Security.NONE, null, Events.alert(EpisodeState.CLOSED));

      var mails = server.mails();
      assertThat(mails.get(0).header("Message-ID")).isEqualTo(mails.get(1).header("Message-ID"));
      assertThat(mails.get(0).header("Message-ID")).isNotEqualTo(mails.get(2).header("Message-ID"));
      assertThat(mails)
          .extracting(mail -> mail.header("References"))
          .containsOnly(Mail.id("episode-a1"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'x\r\nBcc: eve@example.com\r\n\r\nHello'",
    "'x\nBcc: eve@example.com'",
    "'x\rBcc: eve@example.com'",
    "'x\u2028Bcc: eve@example.com'",
    "'x\r\n.\r\nMAIL FROM:<eve@example.com>'"
  })
  void shouldNotLetASpanWriteHeadersOrCommands(String text) throws Exception {
    try (var server = MailServer.plain()) {
      assertThat(attempt(server, Security.NONE, null, Events.saying(text)).delivered()).isTrue();

      assertThat(server.mails()).hasSize(1);
      var mail = server.mails().get(0);
      assertThat(mail.to()).containsExactly("ada@example.com", "bob@example.com");
      assertThat(mail.header("Bcc")).isNull();
      assertThat(mail.header("Subject")).startsWith("[Fuseline] CRITICAL open: run x");
    }
  }

  @Test
  void shouldKeepTheLinesShortWhenIdsAreLong() throws Exception {
    try (var server = MailServer.plain()) {
      var long_ = "ü".repeat(5_000);
      assertThat(attempt(server, Security.NONE, null, Events.saying(long_)).delivered()).isTrue();

      assertThat(server.mails().get(0).longestLine()).isLessThanOrEqualTo(998);
    }
  }

  @Test
  void shouldLogInAfterStartTls() throws Exception {
    var keys = TestKeys.forLocalhost(folder);
    try (var server = MailServer.withStartTls(keys.context(), "fuseline", "s3cret")) {
      var answer =
          attempt(server, Security.STARTTLS, keys.sockets(), Events.alert(EpisodeState.OPEN));

      assertThat(answer.delivered()).as(answer.what()).isTrue();
      assertThat(server.mails()).as("the server takes none before TLS").hasSize(1);
    }
  }

  @Test
  void shouldSendNothingInTheClearWhenTheServerOffersNoTls() throws Exception {
    try (var server = MailServer.plain()) {
      var answer = attempt(server, Security.STARTTLS, null, Events.alert(EpisodeState.OPEN));

      assertThat(answer.delivered()).isFalse();
      assertThat(answer.what()).contains("STARTTLS");
      assertThat(server.mails()).isEmpty();
    }
  }

  @Test
  void shouldNotTrustACertificateNobodySigned() throws Exception {
    var keys = TestKeys.forLocalhost(folder);
    try (var server = MailServer.withStartTls(keys.context(), "fuseline", "s3cret")) {
      var answer = attempt(server, Security.STARTTLS, null, Events.alert(EpisodeState.OPEN));

      assertThat(answer.delivered()).isFalse();
      assertThat(server.mails()).isEmpty();
    }
  }

  @Test
  void shouldNotTrustACertificateOfAnotherName() throws Exception {
    var keys = TestKeys.of(folder, "dns:mail.example.com");
    try (var server = MailServer.withStartTls(keys.context(), "fuseline", "s3cret")) {
      var answer =
          attempt(server, Security.STARTTLS, keys.sockets(), Events.alert(EpisodeState.OPEN));

      assertThat(answer.delivered()).isFalse();
      assertThat(server.mails()).isEmpty();
    }
  }

  @Test
  void shouldBeFinalWhenTheLoginIsRefused() throws Exception {
    var keys = TestKeys.forLocalhost(folder);
    try (var server = MailServer.withStartTls(keys.context(), "fuseline", "another")) {
      var answer =
          attempt(server, Security.STARTTLS, keys.sockets(), Events.alert(EpisodeState.OPEN));

      assertThat(answer.delivered()).isFalse();
      assertThat(answer.mayChange()).isFalse();
      assertThat(answer.what()).contains("login failed").doesNotContain("s3cret");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "421, data, true",
    "451, data, true",
    "452, data, true",
    "550, data, false",
    "552, data, false",
    "450, recipient, true",
    "550, recipient, false",
    "451, sender, true",
    "553, sender, false"
  })
  void shouldTryAgainOn4xxAndNotOn5xx(int code, String where, boolean mayChange) throws Exception {
    try (var server = MailServer.plain()) {
      server.refuse(where, code);

      var answer = attempt(server, Security.NONE, null, Events.alert(EpisodeState.OPEN));

      assertThat(answer.delivered()).isFalse();
      assertThat(answer.mayChange()).as(answer.what()).isEqualTo(mayChange);
      assertThat(answer.what()).contains(Integer.toString(code));
    }
  }

  @Test
  void shouldReachTheOthersWhenOneReceiverIsGone() throws Exception {
    try (var server = MailServer.plain()) {
      server.refuseRecipient("bob@example.com", 550);

      var answer = attempt(server, Security.NONE, null, Events.alert(EpisodeState.OPEN));

      assertThat(answer.delivered()).isTrue();
      assertThat(answer.what()).contains("taken for 1, refused for 1", "550");
      assertThat(server.mails().get(0).to()).containsExactly("ada@example.com");
    }
  }

  @Test
  void shouldBeWorthAnotherAttemptWhenNobodyListens() throws Exception {
    var server = MailServer.plain();
    server.close();

    assertThat(attempt(server, Security.NONE, null, Events.alert(EpisodeState.OPEN)).mayChange())
        .isTrue();
  }

  private static Answer attempt(
      MailServer server, Security security, SSLSocketFactory sockets, Event event)
      throws InterruptedException {
    var login = security == Security.STARTTLS;
    var settings =
        new MailSettings(
            "localhost",
            server.port(),
            security,
            login ? "fuseline" : null,
            login ? new Secret("s3cret") : null,
            "fuseline@example.com",
            List.of("ada@example.com", "bob@example.com"),
            Duration.ofSeconds(20));
    try (var mail = new Mail(settings, sockets)) {
      return mail.attempt(event, 1);
    }
  }
}
