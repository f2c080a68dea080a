package io.fuseline.enrichment.normalise;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.AgentSpan;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose work a span is, and which run it belongs to. */
class IdentityTest {

  @Test
  void shouldNameTheAgentBySpanThenResourceThenSpansAboveThenService() {
    List<AgentSpan> spans =
        SentSpan.together(
            agent("a1", "researcher", null).from("service.name", "bot"),
            SentSpan.span("a2", "HTTP POST").under("a1"),
            chat("a3", "a2").from("service.name", "bot"),
            chat("a4", "a1").with("gen_ai.agent.name", "writer").from("service.name", "bot"),
            chat("a5", "a1").from("gen_ai.agent.name", "of the process"),
            chat("a6", null).from("service.name", "bot").from("service.version", "1.2"),
            chat("a7", null).from("service.name", "unknown_service:node"));

    assertThat(spans)
        .extracting(AgentSpan::getAgentId)
        .containsExactly("researcher", "researcher", "writer", "of the process", "bot", "");
    assertThat(spans.get(4).getAgentVersion()).isEqualTo("1.2");
  }

  @Test
  void shouldTakeRunTenantAndTeamFromSpanResourceOrSpansAbove() {
    List<AgentSpan> spans =
        SentSpan.together(
            agent("a1", "researcher", null)
                .with("fuseline.root_run_id", "ticket-42")
                .with("fuseline.run_id", "run-1")
                .with("fuseline.workflow", "refund")
                .from("fuseline.tenant", "acme")
                .from("fuseline.cost_centre", "4711"),
            chat("a2", "a1").with("fuseline.team", "support").with("fuseline.step", "draft"));

    AgentSpan call = spans.get(1);
    assertThat(call.getRootRunId()).isEqualTo("ticket-42");
    assertThat(call.getRunId()).isEqualTo("run-1");
    assertThat(call.getWorkflow()).isEqualTo("refund");
    assertThat(call.getTenantId()).isEqualTo("acme");
    assertThat(call.getCostCentre()).isEqualTo("4711");
    assertThat(call.getTeam()).isEqualTo("support");
    assertThat(call.getStep()).isEqualTo("draft");
    assertThat(spans.get(0).getTeam()).isNull();
  }

  @Test
  void shouldNotMixTracesThatComeTogether() {
    SourceSpan other = agent("a1", "stranger", null).sent();
    SourceSpan elsewhere =
        new SourceSpan(
            "4bf92f3577b34da6a3ce929d0e0e4736",
            other.spanId(),
            null,
            other.name(),
            other.startMicros(),
            other.endMicros(),
            null,
            null,
            other.attributes(),
            other.resource(),
            List.of(),
            "",
            "");

    List<Normalised> answers =
        Normaliser.standard().normalise(List.of(elsewhere, chat("a2", "a1").sent()));

    assertThat(((Normalised.Span) answers.get(1)).span().getAgentId()).isEmpty();
  }

  @Test
  void shouldNotRunInARingOfParents() {
    List<AgentSpan> spans = SentSpan.together(chat("a1", "a2"), chat("a2", "a1"));

    assertThat(spans).extracting(AgentSpan::getAgentId).containsOnly("");
  }

  private static SentSpan agent(String id, String name, String parent) {
    return SentSpan.span(id, "invoke_agent " + name)
        .under(parent)
        .with("gen_ai.operation.name", "invoke_agent")
        .with("gen_ai.agent.name", name);
  }

  private static SentSpan chat(String id, String parent) {
    return SentSpan.span(id, "chat")
        .under(parent)
        .with("gen_ai.operation.name", "chat")
        .with("gen_ai.request.model", "gpt-5");
  }
}
