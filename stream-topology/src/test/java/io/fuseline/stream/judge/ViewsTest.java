package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.llmSpan;
import static io.fuseline.stream.judge.SpanDraft.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.stream.query.CostQueries;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ViewsTest {
  private static final String CAP =
      """
      id: cap
      rule: {type: budget, per: run, limit: "10"}
      ladder: [{at: 80%, action: throttle, caps: {cooldown_ms: 9}}, {at: 100%, action: pause}]
      """;

  @Test
  void shouldAddUpTheTree() {
    RunUnderTest run = new RunUnderTest(CAP);
    run.see(llmSpan().costs("1"));
    run.see(llmSpan().run("child", "run-1").costs("2"));
    run.see(toolCall("search").run("grandchild", "child").costs("4").step("plan"));

    CostQueries.RunView view = view(run);

    assertThat(treeCosts(view))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "run-1",
                "7.000000000000",
                "child",
                "6.000000000000",
                "grandchild",
                "4.000000000000"));
  }

  @Test
  void shouldCountARunOnceWhenItIsItsOwnAncestor() {
    RunUnderTest run = new RunUnderTest(CAP);
    run.see(llmSpan().run("self", "self").costs("1"));
    run.see(llmSpan().run("a", "b").costs("2"));
    run.see(llmSpan().run("b", "a").costs("3"));

    assertThat(treeCosts(view(run)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("self", "1.000000000000", "a", "5.000000000000", "b", "5.000000000000"));
  }

  @Test
  void shouldNameTheStateOfTheRun() {
    RunUnderTest run = new RunUnderTest(CAP);

    run.see(llmSpan().costs("8"));
    assertThat(view(run).state()).isEqualTo("THROTTLED");
    run.see(llmSpan().costs("2"));
    assertThat(view(run).state()).isEqualTo("PAUSED");
    run.apply(CAP.replace("\"10\"", "\"100\""));
    run.goSilent();
    assertThat(view(run).state()).isEqualTo("PAUSED");
    run.see(llmSpan().costs("1"));
    assertThat(view(run).state()).isEqualTo("ACTIVE");
    run.goSilent();
    assertThat(view(run).state()).isEqualTo("IDLE");
  }

  private static CostQueries.RunView view(RunUnderTest run) {
    return Views.run("run-1", run.state, List.of(), null);
  }

  private static Map<String, String> treeCosts(CostQueries.RunView view) {
    return view.nodes().stream()
        .collect(
            Collectors.toMap(CostQueries.RunNode::runId, node -> node.treeCost().toPlainString()));
  }
}
