package io.fuseline.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Decision;
import io.fuseline.schemas.DecisionType;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.judge.Raises;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionBookTest {
  private final DecisionBook book = new DecisionBook();

  @Test
  void shouldKnowRaisesOfThePolicyAndTheTargetUntilTheyEnd() {
    assertThat(book.follow(raise("d-1", "5", 100).build())).isNull();
    assertThat(book.follow(raise("d-2", "7", 200).setPolicyId(null).build())).isNull();

    assertThat(ids("cap", 99)).containsExactly("d-1", "d-2");
    assertThat(ids("cap", 100)).containsExactly("d-2");
    assertThat(ids("other", 99)).containsExactly("d-2");
    assertThat(ids("cap", 200)).isEmpty();
    assertThat(book.of("cap", TargetType.AGENT, "acme", "coder", 1)).isEmpty();
    assertThat(book.of("cap", TargetType.TEAM, "evil", "blue", 1)).isEmpty();
    assertThat(book.changes()).isEqualTo(2);
  }

  @Test
  void shouldTakeADecisionWithTheSameIdForTheSame() {
    book.follow(raise("d-1", "5", 100).build());
    book.follow(raise("d-1", "5", 100).build());
    assertThat(ids("cap", 50)).containsExactly("d-1");

    book.follow(raise("d-1", "5", 20).build()); // ended early
    assertThat(ids("cap", 50)).isEmpty();
  }

  @Test
  void shouldRefuseWhatIsNoTemporaryRaise() {
    assertThat(book.follow(raise("d-1", "5", 100).setUntil(null).build())).startsWith("until: ");
    assertThat(book.follow(raise("d-1", "-5", 100).build())).startsWith("amount: ");
    assertThat(book.follow(raise("d-1", "5", 100).setAmount(null).build())).startsWith("amount: ");
    assertThat(book.follow(raise("d-1", "99999999", 100).build())).startsWith("amount: ");
    assertThat(book.changes()).isZero();
  }

  @Test
  void shouldKnowWhatWasSaidAboutATarget() {
    assertThat(book.follow(said("d-1", DecisionType.APPROVE, "ada"))).isNull();
    assertThat(book.follow(said("d-2", DecisionType.DENY, "bob"))).isNull();
    assertThat(book.follow(said("d-1", DecisionType.APPROVE, "ada"))).isNull(); // read again
    assertThat(book.follow(said("d-3", DecisionType.DENY, " "))).startsWith("decided_by: ");

    assertThat(book.said("cap", TargetType.TEAM, "acme", "blue"))
        .extracting(Raises.Said::type)
        .containsExactly(DecisionType.DENY, DecisionType.APPROVE);
    assertThat(book.said("other", TargetType.TEAM, "acme", "blue")).isEmpty();
    assertThat(book.said("cap", TargetType.RUN, "acme", "blue")).isEmpty();
    assertThat(ids("cap", 1)).isEmpty();
    assertThat(book.changes()).isEqualTo(3);
  }

  private static Decision said(String id, DecisionType type, String by) {
    return raise(id, "1", 100).setType(type).setDecidedBy(by).build();
  }

  @Test
  void shouldStayBoundedHoweverManyAreDecided() {
    for (int i = 0; i < 1_000; i++) {
      book.follow(raise("d-" + i, "1", 1_000 + i).build());
    }

    assertThat(ids("cap", 1)).hasSize(100).contains("d-999").doesNotContain("d-0");
  }

  private List<String> ids(String policy, long second) {
    return book.of(policy, TargetType.TEAM, "acme", "blue", second * 1_000_000).stream()
        .map(Raises.Raise::decisionId)
        .toList();
  }

  private static Decision.Builder raise(String id, String amount, long untilSecond) {
    return Decision.newBuilder()
        .setDecisionId(id)
        .setType(DecisionType.RAISE_CAP)
        .setTenantId("acme")
        .setTargetType(TargetType.TEAM)
        .setTarget("blue")
        .setPolicyId("cap")
        .setAmount(new BigDecimal(amount).setScale(12))
        .setUntil(Instant.ofEpochSecond(untilSecond))
        .setDecidedBy("ada")
        .setReason("why not")
        .setDecidedAt(Instant.ofEpochSecond(10));
  }
}
