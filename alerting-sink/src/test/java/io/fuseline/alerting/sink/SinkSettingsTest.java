package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SinkSettingsTest {
  private final Map<String, String> config =
      new HashMap<>(
          Map.of(
              "bootstrap.servers", "localhost:9092",
              "schema.registry.url", "http://localhost:8081"));

  @Test
  void shouldLogOnlyWhenNoWebhookIsSet() {
    var settings = SinkSettings.from(config, Topics.defaults());

    assertThat(settings.routes().destinations())
        .extracting(Destination::name)
        .containsExactly("log");
    assertThat(settings.groupId()).isEqualTo("fuseline-sink");
  }

  @Test
  void shouldReadEveryKey() {
    config.put("client.security.protocol", "SSL");
    config.put("sink.group.id", "pager");
    config.put("sink.start.at", "latest");
    config.put("sink.log", "false");
    config.put("sink.webhook.url", "https://hooks.example.com/x");
    config.put("sink.webhook.secret", "0123456789abcdef");
    config.put("sink.webhook.timeout.ms", "1500");
    config.put("sink.webhook.attempts", "3");
    config.put("sink.webhook.delay.first.ms", "10");
    config.put("sink.webhook.delay.max.ms", "20");
    config.put("sink.webhook.allow.addresses", "10.0.0.0/8, fd00::/8");
    var properties = new Properties();
    properties.putAll(config);

    var settings = SinkSettings.from(properties, Topics.defaults());

    assertThat(settings.clientProperties()).containsExactly(Map.entry("security.protocol", "SSL"));
    assertThat(settings.groupId()).isEqualTo("pager");
    var destination = settings.routes().destinations().get(0);
    assertThat(settings.routes().destinations()).hasSize(1);
    assertThat(destination.name()).isEqualTo("webhook");
    assertThat(destination.startAt()).isEqualTo("latest");
    assertThat(destination.retry())
        .isEqualTo(new RetryPolicy(3, Duration.ofMillis(10), Duration.ofMillis(20)));
    var webhook = (WebhookSettings) destination.settings();
    assertThat(webhook.url()).hasHost("hooks.example.com");
    assertThat(webhook.http())
        .isEqualTo(
            new HttpSettings(
                Duration.ofMillis(1500), AddressRange.parseAll("10.0.0.0/8", "fd00::/8")));
    assertThat(settings.toString()).doesNotContain("0123456789abcdef").doesNotContain("/x");
    assertThat(webhook.toString()).doesNotContain("0123456789abcdef");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sink.webhook.url         | ftp://example.com       | expected http:// or https://",
        "sink.webhook.url         | file:///etc/passwd      | expected http:// or https://",
        "sink.webhook.url         | hooks.example.com/x     | expected http:// or https://",
        "sink.webhook.url         | https:///x              | has no host",
        "sink.webhook.url         | https://me:pw@host/x    | holds a user or password",
        "sink.webhook.url         | https://exa mple.com    | malformed at character",
        "sink.webhook.secret      | short                   | 16 characters or more",
        "sink.webhook.timeout.ms  | soon                    | sink.webhook.timeout.ms is 'soon'",
        "sink.webhook.timeout.ms  | 0                       | expected above zero",
        "sink.webhook.allow.addresses | ten               | expected ranges such as 10.0.0.0/8",
        "sink.routes              | /no/such/routes.yaml    | does not go with a routes file",
        "sink.webhook.attempts    | 0                       | expected 1 or more",
        "sink.webhok.url          | https://example.com     | Unknown setting sink.webhok.url",
        "sink.start.at            | now                     | expected earliest or latest",
        "sink.log                 | yes                     | expected true or false",
        "bootstrap.servers        | ''                      | bootstrap.servers is missing"
      })
  void shouldSayWhatIsWrongWhenASettingIs(String key, String value, String message) {
    config.put("sink.webhook.url", "https://hooks.example.com/x");
    config.put("sink.webhook.secret", "0123456789abcdef");
    config.put(key, value);

    assertThatThrownBy(() -> SinkSettings.from(config, Topics.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("pw@");
  }

  @Test
  void shouldRefuseASinkThatDeliversNowhere() {
    config.put("sink.log", "false");

    assertThatThrownBy(() -> SinkSettings.from(config, Topics.defaults()))
        .hasMessageContaining("nowhere to deliver");
  }
}
