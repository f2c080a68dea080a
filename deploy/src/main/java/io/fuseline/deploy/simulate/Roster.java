package io.fuseline.deploy.simulate;

import io.fuseline.deploy.simulate.Agent.Model;
import io.fuseline.deploy.simulate.Agent.Tool;
import java.util.List;

/** The agents of the fleet. Models, tools and prices are real ones; the companies are not. */
final class Roster {
  /** Those that do their work. */
  static final List<Agent> HEALTHY =
      List.of(
          new Agent(
              "support-triage",
              "2.4.0",
              "support",
              "support",
              "helpdesk",
              "ticket-resolution",
              "CC-1100",
              claude("claude-haiku-4-5", 2_000, 9_000, 700, 350),
              List.of(
                  Tool.local("search_tickets", 60, 300),
                  Tool.local("read_customer", 40, 200),
                  Tool.local("reply_draft", 30, 120))),
          new Agent(
              "refund-clerk",
              "1.9.2",
              "support",
              "support",
              "helpdesk",
              "refunds",
              "CC-1100",
              gpt("gpt-5-mini", 2_500, 6_000, 400),
              List.of(Tool.local("read_order", 40, 200), Tool.local("check_policy", 30, 150))),
          new Agent(
              "market-researcher",
              "0.8.1",
              "research",
              "insights",
              "market-watch",
              "weekly-briefing",
              "CC-2300",
              gpt("gpt-5", 4_000, 20_000, 900),
              List.of(
                  new Tool("tavily", "tavily_search", new Range(300, 1_100)),
                  Tool.local("fetch_page", 200, 900),
                  Tool.local("take_note", 10, 40))),
          new Agent(
              "code-fixer",
              "5.1.0",
              "coding",
              "platform",
              "checkout",
              "bug-fix",
              "CC-3000",
              claude("claude-sonnet-4-6", 15_000, 70_000, 2_500, 700),
              List.of(
                  Tool.local("Read", 20, 90),
                  Tool.local("Grep", 30, 150),
                  Tool.local("Edit", 20, 90),
                  Tool.local("Bash", 300, 2_000))),
          new Agent(
              "code-reviewer",
              "3.3.4",
              "coding",
              "platform",
              "checkout",
              "pull-request-review",
              "CC-3000",
              claude("claude-haiku-4-5", 10_000, 50_000, 1_500, 500),
              List.of(Tool.local("Read", 20, 90), Tool.local("Grep", 30, 150))),
          new Agent(
              "data-analyst",
              "1.2.0",
              "data-analysis",
              "finance",
              "month-end",
              "variance-report",
              "CC-4100",
              gemini("gemini-2.5-pro", 3_000, 15_000, 800),
              List.of(
                  Tool.local("run_sql", 150, 1_500),
                  Tool.local("plot_chart", 100, 400),
                  Tool.local("read_sheet", 50, 250))),
          new Agent(
              "invoice-matcher",
              "2.0.7",
              "procurement",
              "finance",
              "payables",
              "three-way-match",
              "CC-4200",
              gemini("gemini-2.5-flash", 2_500, 5_000, 300),
              List.of(Tool.local("read_invoice", 80, 400), Tool.local("read_order", 40, 200))),
          new Agent(
              "vendor-scout",
              "0.4.3",
              "procurement",
              "procurement",
              "sourcing",
              "vendor-shortlist",
              "CC-4300",
              gpt("gpt-5-mini", 5_000, 12_000, 600),
              List.of(
                  new Tool("serper", "serper_search", new Range(250, 900)),
                  Tool.local("fetch_page", 200, 900))));

  /** Repeats the same three calls, which always answer the same. */
  static final Agent LOOPING =
      new Agent(
          "wiki-gardener",
          "0.9.0",
          "documentation",
          "platform",
          "handbook",
          "link-repair",
          "CC-3000",
          claude("claude-sonnet-4-6", 8_000, 20_000, 800, 250, new Range(250, 400)),
          List.of(
              Tool.local("list_pages", 80, 140),
              Tool.local("read_page", 80, 140),
              Tool.local("check_link", 80, 140)));

  /** Searches ever more, with a search that costs money, and does not slow down when told to. */
  static final Agent EXPLODING =
      new Agent(
          "price-watcher",
          "1.0.1",
          "procurement",
          "procurement",
          "sourcing",
          "price-comparison",
          "CC-4300",
          gpt("gpt-5-mini", 2_000, 4_000, 200),
          List.of(new Tool("openai", "web_search", new Range(45, 55))));

  /** Hands everything to sub-agents, which do the same. */
  static final Agent DELEGATING =
      new Agent(
          "due-diligence",
          "0.2.0",
          "research",
          "insights",
          "acquisitions",
          "company-profile",
          "CC-2300",
          claude("claude-opus-4-6", 60_000, 140_000, 15_000, 3_500, new Range(500, 900)),
          List.of());

  static final Agent DELEGATE =
      new Agent(
          "due-diligence-reader",
          DELEGATING.version(),
          DELEGATING.role(),
          DELEGATING.team(),
          DELEGATING.project(),
          DELEGATING.workflow(),
          DELEGATING.costCentre(),
          DELEGATING.model(),
          List.of());

  /** Does sound work, but more of it than its day's money pays for. */
  static final Agent OVER_BUDGET =
      new Agent(
          "ledger-migrator",
          "4.0.0",
          "batch",
          "finance",
          "month-end",
          "ledger-migration",
          "CC-4100",
          new Model(
              "openai",
              "gpt-5",
              new Range(20_000, 40_000),
              new Range(10_000, 30_000),
              Range.ZERO,
              new Range(2_000, 4_000),
              new Range(600, 1_000)),
          List.of(Tool.local("read_ledger", 100, 300), Tool.local("write_ledger", 100, 300)));

  private Roster() {}

  private static Model claude(
      String name, int cacheReadFrom, int cacheReadTo, int cacheWrite, int output) {
    return claude(name, cacheReadFrom, cacheReadTo, cacheWrite, output, new Range(600, 2_400));
  }

  private static Model claude(
      String name, int cacheReadFrom, int cacheReadTo, int cacheWrite, int output, Range millis) {
    return new Model(
        "anthropic",
        name,
        new Range(3, 400),
        new Range(cacheReadFrom, cacheReadTo),
        around(cacheWrite),
        around(output),
        millis);
  }

  private static Model gpt(String name, int input, int cacheRead, int output) {
    return new Model(
        "openai",
        name,
        around(input),
        around(cacheRead),
        Range.ZERO,
        around(output),
        new Range(500, 2_000));
  }

  private static Model gemini(String name, int input, int cacheRead, int output) {
    return new Model(
        "gcp.gemini",
        name,
        around(input),
        around(cacheRead),
        Range.ZERO,
        around(output),
        new Range(400, 1_800));
  }

  private static Range around(int middle) {
    return new Range(middle / 2, middle * 3 / 2);
  }
}
