package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.alerting.Records;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SignatureTest {

  /**
   * Expected value from {@code printf '1772366400.{"event_id":"command:c1"}' | openssl dgst -sha256
   * -hmac whsec-0123456789abcdef}.
   */
  @Test
  void shouldSignTimeAndBodyAsDocumented() {
    var body = "{\"event_id\":\"command:c1\"}".getBytes(StandardCharsets.UTF_8);

    var signature = new Signature("whsec-0123456789abcdef").of(body, Records.NOON);

    assertThat(signature)
        .isEqualTo(
            "t=1772366400,v1=8840247d74d5b9f0e0a4af94bccc00e6eccf9ceb0e780d6add89c46169af695c");
  }
}
