package io.fuseline.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.schemas.AgentSpan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistrySettingsTest {
  private static final String URL = RegistrySettings.SCHEMA_REGISTRY_URL;

  @Test
  void shouldSplitAddressesAtCommas() {
    assertThat(RegistrySettings.from(Map.of(URL, "http://a:1, https://b:2/path ,")).urls())
        .containsExactly("http://a:1", "https://b:2/path");
    assertThat(RegistrySettings.from(Map.of(URL, List.of("http://a:1"))).urls())
        .containsExactly("http://a:1");
  }

  @Test
  void shouldNotRegisterUnlessTold() {
    assertThat(RegistrySettings.from(Map.of(URL, "http://a")).autoRegister()).isFalse();
    assertThat(
            RegistrySettings.from(Map.of(URL, "http://a", "auto.register.schemas", "true"))
                .autoRegister())
        .isTrue();
  }

  @Test
  void shouldPassOnWhatConcernsTheRegistryAndNothingElse() {
    Map<String, Object> config = new HashMap<>();
    config.put(URL, "http://a");
    config.put("schema.registry.ssl.truststore.location", "/t");
    config.put("basic.auth.user.info", "me:secret");
    config.put("bearer.auth.token", "t");
    config.put("bootstrap.servers", "b");
    config.put("ssl.truststore.location", "/that-of-the-broker");
    config.put("schema.registry.ssl.keystore.location", null);

    assertThat(RegistrySettings.from(config).client())
        .containsKeys(
            "schema.registry.ssl.truststore.location", "basic.auth.user.info", "bearer.auth.token")
        .doesNotContainKeys(
            "bootstrap.servers",
            "ssl.truststore.location",
            "schema.registry.ssl.keystore.location");
  }

  @Test
  void shouldTakeNumbersAsTextWithOrWithoutPrefix() {
    assertThat(
            RegistrySettings.from(
                    Map.of(URL, "http://a", "schema.registry.missing.id.cache.ttl.sec", "7"))
                .client())
        .containsEntry("missing.id.cache.ttl.sec", 7L);
    assertThat(
            RegistrySettings.from(Map.of(URL, "http://a", "http.read.timeout.ms", 30_000)).client())
        .containsEntry("http.read.timeout.ms", 30_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " , ", "localhost:8081", "mock://test"})
  void shouldRefuseWhatIsNoAddress(String url) {
    assertThatThrownBy(() -> new AvroSerde<>(AgentSpan.class).configure(Map.of(URL, url), false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(URL)
        .hasMessageContaining("http://");
  }

  @Test
  void shouldRefuseToGuess() {
    assertThatThrownBy(() -> RegistrySettings.from(Map.of())).hasMessageContaining(URL);
    assertThatThrownBy(
            () -> RegistrySettings.from(Map.of(URL, "http://a", "auto.register.schemas", "yes")))
        .hasMessageContaining("expected true or false");
    assertThatThrownBy(
            () -> RegistrySettings.from(Map.of(URL, "http://a", "http.read.timeout.ms", "soon")))
        .hasMessageContaining("http.read.timeout.ms")
        .hasMessageContaining("expected a whole number");
  }

  @Test
  void shouldShareOneRegistryPerAddressAndCredentials() {
    SchemaRegistry first = registry(Map.of(URL, "http://a"));

    assertThat(registry(Map.of(URL, "http://a", "client.id", "other"))).isSameAs(first);
    assertThat(registry(Map.of(URL, "http://b"))).isNotSameAs(first);
    assertThat(registry(Map.of(URL, "http://a", "http.read.timeout.ms", 1))).isNotSameAs(first);
  }

  @Test
  void shouldSayWhatToDoWhenNotConfigured() {
    assertThatThrownBy(() -> new AvroSerializer<>(AgentSpan.class).serialize("t", new AgentSpan()))
        .hasMessageContaining("configure()");
    assertThatThrownBy(() -> new AvroDeserializer<>(AgentSpan.class).deserialize("t", new byte[6]))
        .hasMessageContaining("configure()");
  }

  private static SchemaRegistry registry(Map<String, ?> config) {
    return SchemaRegistry.shared(RegistrySettings.from(config));
  }
}
