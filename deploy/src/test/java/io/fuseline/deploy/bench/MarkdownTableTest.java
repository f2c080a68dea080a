package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MarkdownTableTest {
  @Test
  void shouldPadColumnsAndAlignNumbersWhenPrinted() {
    MarkdownTable table = new MarkdownTable("rung", ">spans/s");
    table.row("L0", "1,000,000");
    table.row("L4p", "7");

    assertThat(table)
        .hasToString(
            """
            | rung |   spans/s |
            |:-----|----------:|
            | L0   | 1,000,000 |
            | L4p  |         7 |
            """);
  }

  @Test
  void shouldRefuseRowWhenCellsAreMissing() {
    MarkdownTable table = new MarkdownTable("rung", ">spans/s");

    assertThatThrownBy(() -> table.row("L0")).hasMessage("1 cells for 2 columns");
  }
}
