package io.fuseline.stream.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.PolicyMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** Of the policies on one matter that select a subject, the most specific that enforce hold. */
class ConflictProperties {

  @Property(tries = 2000)
  void shouldLetTheMostSpecificHoldAndAllItsEquals(
      @ForAll @Size(max = 6) List<@From("policies") Policy> drawn,
      @ForAll("subjects") Subject subject) {
    List<Policy> policies = renamed(drawn);

    List<Policy> holding = PolicySet.of(policies).holding(policies, subject);

    for (Policy policy : policies) {
      boolean selects = policy.match().matches(subject);
      boolean narrowerEnforces =
          policies.stream()
              .anyMatch(
                  other ->
                      other.mode() == PolicyMode.ENFORCE
                          && other.match().matches(subject)
                          && other.rule().matter().equals(policy.rule().matter())
                          && isNarrower(other, policy));
      assertThat(holding.contains(policy)).isEqualTo(selects && !narrowerEnforces);
    }
  }

  @Property(tries = 2000)
  void shouldNotChangeWhatHoldsWhenAWiderPolicyIsAdded(
      @ForAll @Size(min = 1, max = 6) List<@From("policies") Policy> drawn,
      @ForAll("subjects") Subject subject) {
    List<Policy> policies = renamed(drawn);
    Policy last = policies.get(policies.size() - 1);
    List<Policy> before = policies.subList(0, policies.size() - 1);
    List<Policy> held = PolicySet.of(before).holding(before, subject);
    boolean isDisplaced = PolicySet.of(policies).isDisplaced(last, subject);

    List<Policy> holding = new ArrayList<>(PolicySet.of(policies).holding(policies, subject));

    if (isDisplaced) {
      holding.remove(last);
      assertThat(holding).isEqualTo(held);
    }
  }

  @Property(tries = 1000)
  void shouldOrderSelectorsTotally(
      @ForAll("policies") Policy a, @ForAll("policies") Policy b, @ForAll("policies") Policy c) {
    int ab = Integer.signum(a.match().compareSpecificity(b.match()));
    int bc = Integer.signum(b.match().compareSpecificity(c.match()));

    assertThat(Integer.signum(b.match().compareSpecificity(a.match()))).isEqualTo(-ab);
    if (ab == bc) {
      assertThat(Integer.signum(a.match().compareSpecificity(c.match()))).isEqualTo(ab);
    }
  }

  @Example
  void shouldPutScopesInTheOrderThatTheGuideTells() {
    String[] narrowestFirst = {
      "agent: a",
      "agent: 'a*'",
      "workflow: w",
      "role: r",
      "project: p",
      "team: t",
      "tenant: x",
      "tags: {a: b, c: d}",
      "tags: {a: b}",
      "tenant: '*'"
    };
    for (int i = 1; i < narrowestFirst.length; i++) {
      assertThat(selector(narrowestFirst[i - 1]).compareSpecificity(selector(narrowestFirst[i])))
          .as(narrowestFirst[i - 1] + " before " + narrowestFirst[i])
          .isPositive();
    }
  }

  @Example
  void shouldNotLetPoliciesOnOtherMattersDisplaceEachOther() {
    List<Policy> policies =
        PolicyFile.parse(
                """
                {id: all-day, rule: {type: budget, per: agent, limit: 5}, ladder: [{at: 100%, action: kill}]}
                ---
                {id: one-hour, match: {agent: a}, rule: {type: budget, per: agent, window: hour, limit: 1}, ladder: [{at: 100%, action: kill}]}
                """,
                "test.yaml")
            .stream()
            .map(ParsedPolicy::policy)
            .toList();

    assertThat(
            PolicySet.of(policies)
                .holding(policies, new Subject("x", "a", null, null, null, null, null, null)))
        .hasSize(2);
  }

  private static Selector selector(String match) {
    return PolicyFile.parse(
            "{id: a, match: {%s}, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}"
                .formatted(match),
            "test.yaml")
        .get(0)
        .policy()
        .match();
  }

  /** By the words of the guide: the first attribute in which they differ decides. */
  private static boolean isNarrower(Policy one, Policy other) {
    for (String attribute : List.of("agent", "role", "tenant")) {
      int here = rank(one.match().globs().get(attribute));
      int there = rank(other.match().globs().get(attribute));
      if (here != there) {
        return here > there;
      }
    }
    return one.match().tagGlobs().size() > other.match().tagGlobs().size();
  }

  private static int rank(String glob) {
    return glob == null || glob.equals("*") ? 0 : glob.contains("*") ? 1 : 2;
  }

  private static List<Policy> renamed(List<Policy> drawn) {
    List<Policy> policies = new ArrayList<>();
    for (Policy policy : drawn) {
      policies.add(
          new Policy(
              "p" + policies.size(),
              "v",
              "",
              policy.mode(),
              policy.match(),
              policy.rule(),
              policy.ladder()));
    }
    return policies;
  }

  @Provide
  Arbitrary<Policy> policies() {
    Arbitrary<Map<String, String>> globs =
        Arbitraries.maps(
                Arbitraries.of("agent", "role", "tenant"), Arbitraries.of("a", "b", "a*", "*"))
            .ofMaxSize(3);
    Arbitrary<Map<String, String>> tags =
        Arbitraries.maps(Arbitraries.of("tier", "zone"), Arbitraries.of("a", "*")).ofMaxSize(2);
    Arbitrary<Rule> rules =
        Arbitraries.of(
            new Rule.ExactCycle(8, java.util.Set.of()),
            new Rule.Budget(Rule.Per.RUN, Window.LIFE, 5, "USD"));
    return Combinators.combine(globs, tags, rules, Arbitraries.of(PolicyMode.class))
        .as(
            (match, tagged, rule, mode) ->
                new Policy("p", "v", "", mode, new Selector(match, tagged, null), rule, List.of()));
  }

  @Provide
  Arbitrary<Subject> subjects() {
    Arbitrary<String> values = Arbitraries.of("a", "b", "ab");
    return Combinators.combine(
            values,
            values,
            values.injectNull(0.2),
            Arbitraries.maps(Arbitraries.of("tier", "zone"), Arbitraries.of("a", "b")))
        .as(
            (tenant, agent, role, tags) ->
                new Subject(tenant, agent, role, null, null, null, null, null).tagged(tags));
  }
}
