package io.fuseline.schemas.serde;

import static io.fuseline.schemas.serde.RegistrySettings.AUTO_REGISTER_SCHEMAS;
import static io.fuseline.schemas.serde.RegistrySettings.SCHEMA_REGISTRY_URL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way to the registry: closed, narrow, guarded. */
class RegistryFailureIT {
  private static final String REGISTRY = LocalRegistryProcess.shared().url();
  private static final String PASSWORD = "changeit";

  @Test
  void shouldNotBlameTheRecordWhenTheRegistryIsDown() {
    String url = LocalRegistryProcess.url(LocalRegistryProcess.freePort());

    assertThatThrownBy(() -> read(Map.of(SCHEMA_REGISTRY_URL, url)))
        .isInstanceOf(RegistryUnavailableException.class)
        .isNotInstanceOf(UndecodableRecordException.class)
        .hasMessageContaining(url)
        .hasMessageContaining("5 attempt(s)")
        .hasMessageContaining(SCHEMA_REGISTRY_URL);
    assertThatThrownBy(() -> write(Map.of(SCHEMA_REGISTRY_URL, url)))
        .isInstanceOf(RegistryUnavailableException.class);
  }

  @Test
  void shouldReadKnownSchemasWhileTheRegistryIsAwayAndRecoverAfterwards() {
    int port = LocalRegistryProcess.freePort();
    AvroSerde<AgentSpan> serde = new AvroSerde<>(AgentSpan.class);
    byte[] known;
    try (LocalRegistryProcess registry = LocalRegistryProcess.start(port)) {
      serde.configure(
          Map.of(SCHEMA_REGISTRY_URL, registry.url(), AUTO_REGISTER_SCHEMAS, true), false);
      known = serde.serializer().serialize("known", span());
      serde.deserializer().deserialize("known", known);
    }

    assertThat(serde.deserializer().deserialize("known", known)).isEqualTo(span());
    assertThat(serde.serializer().serialize("known", span())).isEqualTo(known);
    assertThatThrownBy(() -> serde.serializer().serialize("unknown", span()))
        .isInstanceOf(RegistryUnavailableException.class);

    try (LocalRegistryProcess again = LocalRegistryProcess.start(port)) {
      assertThat(again.url()).contains(":" + port);
      assertThat(serde.serializer().serialize("unknown", span())).isNotEmpty();
    }
  }

  @Test
  void shouldAskTheNextAddressWhenTheFirstIsDown() {
    String dead = LocalRegistryProcess.url(LocalRegistryProcess.freePort());

    assertThat(
            write(
                Map.of(SCHEMA_REGISTRY_URL, dead + "," + REGISTRY, AUTO_REGISTER_SCHEMAS, "true")))
        .isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503, 429})
  void shouldSitOutAShortFailure(int status) throws Exception {
    try (Doorman doorman = Doorman.before(REGISTRY).refusing(n -> n <= 2 ? status : 0)) {
      assertThat(write(Map.of(SCHEMA_REGISTRY_URL, doorman.url(), AUTO_REGISTER_SCHEMAS, "true")))
          .isNotEmpty();
      assertThat(doorman.requests()).hasSize(3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503})
  void shouldGiveUpWithoutBlamingTheRecordWhenTheFailureLasts(int status) throws Exception {
    try (Doorman doorman = Doorman.before(REGISTRY).refusing(n -> status)) {
      assertThatThrownBy(() -> read(Map.of(SCHEMA_REGISTRY_URL, doorman.url())))
          .isInstanceOf(RegistryUnavailableException.class);
      assertThat(doorman.requests()).hasSize(5);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void shouldNotBlameTheRecordWhenOurCredentialsAreRefused(int status) throws Exception {
    try (Doorman doorman = Doorman.before(REGISTRY).refusing(n -> status)) {
      assertThatThrownBy(() -> read(Map.of(SCHEMA_REGISTRY_URL, doorman.url())))
          .isInstanceOf(RegistryUnavailableException.class)
          .hasMessageContaining("credentials");
      assertThat(doorman.requests()).hasSize(1);
    }
  }

  @Test
  void shouldNotBlameTheRecordWhenTheAddressIsNotThatOfARegistry() {
    String url = REGISTRY.replace("/apis/ccompat/v7", "/apis/nothing-here");

    assertThatThrownBy(() -> read(Map.of(SCHEMA_REGISTRY_URL, url)))
        .isInstanceOf(RegistryUnavailableException.class)
        .hasMessageContaining(url);
  }

  @Test
  void shouldBringBasicCredentials() throws Exception {
    String credentials =
        Base64.getEncoder().encodeToString("me:secret".getBytes(StandardCharsets.UTF_8));
    try (Doorman doorman = Doorman.before(REGISTRY).wanting("Basic " + credentials)) {
      assertThat(
              write(
                  Map.of(
                      SCHEMA_REGISTRY_URL,
                      doorman.url(),
                      AUTO_REGISTER_SCHEMAS,
                      "true",
                      "basic.auth.credentials.source",
                      "USER_INFO",
                      "basic.auth.user.info",
                      "me:secret")))
          .isNotEmpty();
      assertThat(
              write(
                  Map.of(
                      SCHEMA_REGISTRY_URL,
                      doorman.url(),
                      "schema.registry.basic.auth.credentials.source",
                      "USER_INFO",
                      "schema.registry.basic.auth.user.info",
                      "me:secret")))
          .isNotEmpty();
      assertThatThrownBy(() -> write(Map.of(SCHEMA_REGISTRY_URL, doorman.url())))
          .isInstanceOf(RegistryUnavailableException.class);
    }
  }

  @Test
  void shouldNotTellCredentialsThatStandInTheAddress() {
    String url = "http://me:secret@127.0.0.1:" + LocalRegistryProcess.freePort();

    assertThatThrownBy(() -> read(Map.of(SCHEMA_REGISTRY_URL, url)))
        .isInstanceOf(RegistryUnavailableException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void shouldBringABearerToken() throws Exception {
    try (Doorman doorman = Doorman.before(REGISTRY).wanting("Bearer token-of-today")) {
      assertThat(
              write(
                  Map.of(
                      SCHEMA_REGISTRY_URL,
                      doorman.url(),
                      AUTO_REGISTER_SCHEMAS,
                      "true",
                      "bearer.auth.credentials.source",
                      "STATIC_TOKEN",
                      "bearer.auth.token",
                      "token-of-today")))
          .isNotEmpty();
    }
  }

  @Test
  void shouldTrustOnlyTheCertificatesItIsGiven(@TempDir Path folder) throws Exception {
    Path keys = selfSigned(folder);
    try (Doorman doorman = Doorman.withTls(REGISTRY, tlsWith(keys))) {
      Map<String, Object> plain = new HashMap<>();
      plain.put(SCHEMA_REGISTRY_URL, doorman.url());
      plain.put(AUTO_REGISTER_SCHEMAS, true);
      Map<String, Object> trusting = new HashMap<>(plain);
      trusting.put("schema.registry.ssl.truststore.location", keys.toString());
      trusting.put("schema.registry.ssl.truststore.password", PASSWORD);
      trusting.put("schema.registry.ssl.truststore.type", "PKCS12");

      assertThat(write(trusting)).isNotEmpty();
      assertThatThrownBy(() -> write(plain)).isInstanceOf(RegistryUnavailableException.class);
    }
  }

  private static AgentSpan read(Map<String, ?> config) {
    AvroDeserializer<AgentSpan> deserializer = new AvroDeserializer<>(AgentSpan.class);
    deserializer.configure(config, false);
    return deserializer.deserialize("t", ByteBuffer.allocate(6).put((byte) 0).putInt(77).array());
  }

  private static byte[] write(Map<String, ?> config) {
    return AvroSerde.ofValues(AgentSpan.class, config).serializer().serialize("t", span());
  }

  private static AgentSpan span() {
    return AgentSpan.newBuilder().setSpanId("s1").setKind(SpanKind.LLM).build();
  }

  private static Path selfSigned(Path folder) throws Exception {
    Path keys = folder.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "registry",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD)
            .start();
    assertThat(keytool.waitFor()).isZero();
    assertThat(Files.size(keys)).isPositive();
    return keys;
  }

  private static SSLContext tlsWith(Path keys) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD.toCharArray());
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(managers.getKeyManagers(), null, null);
    return tls;
  }
}
