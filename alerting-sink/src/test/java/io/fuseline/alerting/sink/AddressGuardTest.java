package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.alerting.sink.AddressGuard.ForbiddenAddressException;
import io.fuseline.alerting.sink.HttpCaller.NoReplyException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::127.0.0.1",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fd00:ec2::254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "ff02::1"
      })
  void shouldForbidWhatIsNotPublic(String address) throws Exception {
    assertThatThrownBy(() -> guard(List.of()).resolve(address))
        .isInstanceOf(ForbiddenAddressException.class)
        .hasMessageContaining("not a public address")
        .hasMessageContaining("allow_addresses");
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.8.8.8", "172.32.0.1", "1.1.1.1", "2606:4700::1111", "100.128.0.1"})
  void shouldLetPublicAddressesThrough(String address) throws Exception {
    assertThat(guard(List.of()).resolve(address)).containsExactly(InetAddress.getByName(address));
  }

  @Test
  void shouldLetThroughOnlyTheRangeThatIsAllowed() throws Exception {
    var guard = guard(AddressRange.parseAll("10.20.0.0/16", "fd12::/16"));

    assertThat(guard.mayCall(InetAddress.getByName("10.20.3.4"))).isTrue();
    assertThat(guard.mayCall(InetAddress.getByName("fd12::9"))).isTrue();
    assertThat(guard.mayCall(InetAddress.getByName("10.21.3.4"))).isFalse();
    assertThat(guard.mayCall(InetAddress.getByName("169.254.169.254"))).isFalse();
    assertThat(guard.mayCall(InetAddress.getByName("127.0.0.1"))).isFalse();
  }

  @Test
  void shouldConnectOnlyToThePublicOnesWhenANameHasBoth() throws Exception {
    var guard =
        new AddressGuard(
            List.of(),
            host ->
                new InetAddress[] {
                  InetAddress.getByName("127.0.0.1"), InetAddress.getByName("8.8.8.8")
                });

    assertThat(guard.resolve("both.example.com")).containsExactly(InetAddress.getByName("8.8.8.8"));
  }

  @Test
  void shouldCallTheAddressThatWasCheckedAndAskNobodyAgain() throws Exception {
    var asked = new AtomicInteger();
    try (var receiver = Receiver.answering(200);
        var http =
            new HttpCaller(
                new HttpSettings(Duration.ofSeconds(10), AddressRange.parseAll("127.0.0.1/32")),
                Events.NOON,
                host -> {
                  asked.incrementAndGet();
                  return new InetAddress[] {InetAddress.getByName("127.0.0.1")};
                })) {
      // A name no resolver knows: only the answer of the guard can have led here.
      var url = URI.create("http://hooks.invalid:" + receiver.port() + "/");

      var reply = http.call("POST", url, Map.of(), new byte[0]);

      assertThat(reply.status()).isEqualTo(200);
      assertThat(asked).hasValue(1);
      assertThat(receiver.requests().get(0).header("Host"))
          .isEqualTo("hooks.invalid:" + receiver.port());
    }
  }

  @Test
  void shouldNotBeFooledWhenTheNameTurnsToAForbiddenAddressLater() throws Exception {
    var asked = new AtomicInteger();
    try (var receiver = Receiver.answering(200);
        var http =
            new HttpCaller(
                new HttpSettings(Duration.ofSeconds(5), AddressRange.parseAll("127.0.0.2/32")),
                Events.NOON,
                host ->
                    new InetAddress[] {
                      // At first an address that may be called, where nobody listens.
                      InetAddress.getByName(
                          asked.getAndIncrement() == 0 ? "127.0.0.2" : "127.0.0.1")
                    })) {
      var url = URI.create("http://rebound.invalid:" + receiver.port() + "/");

      assertThatThrownBy(() -> http.call("POST", url, Map.of(), null))
          .isInstanceOf(NoReplyException.class);
      assertThatThrownBy(() -> http.call("POST", url, Map.of(), null))
          .hasMessageContaining("rebound.invalid is 127.0.0.1, which is not a public address");
      assertThat(receiver.requests()).isEmpty();
    }
  }

  @Test
  void shouldBeFinalWhenTheAddressIsForbidden() throws Exception {
    try (var http =
        new HttpCaller(new HttpSettings(Duration.ofSeconds(5), List.of()), Events.NOON)) {
      assertThatThrownBy(() -> http.call("GET", URI.create("http://127.0.0.1:1/"), Map.of(), null))
          .isInstanceOfSatisfying(
              NoReplyException.class,
              e -> {
                assertThat(e.answer().mayChange()).isFalse();
                assertThat(e.answer().what()).contains("not a public address");
              });
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://2130706433/", "http://0x7f000001/", "http://127.1/", "http://[::1]/"})
  void shouldSeeThroughOddSpellingsOfLoopback(String url) throws Exception {
    try (var http =
        new HttpCaller(new HttpSettings(Duration.ofSeconds(5), List.of()), Events.NOON)) {
      // Forbidden, or no name at all; never connected to.
      assertThatThrownBy(() -> http.call("GET", URI.create(url), Map.of(), null))
          .isInstanceOf(NoReplyException.class)
          .message()
          .containsAnyOf("not a public address", "unknown host", "host");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ten/8", "10.0.0.0/33", "example.com", "10.0.0.0/x", "::/129"})
  void shouldRefuseWhatIsNoRange(String text) {
    assertThatThrownBy(() -> AddressRange.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  private static AddressGuard guard(List<AddressRange> allowed) {
    return new AddressGuard(
        allowed,
        host -> {
          try {
            return new InetAddress[] {InetAddress.getByName(host)};
          } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
