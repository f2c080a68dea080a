package io.fuseline.stream.policy;

import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A condition in the Common Expression Language (CEL) over what a policy selects on. Compiled and
 * type-checked when the policy is read; asking it is bounded in time and never throws.
 */
final class Condition {
  static final String TAGS = "tags";

  /** Longest text, in characters (code points). */
  static final int MAX_LENGTH = 2_000;

  /** Most parts of an expression; each is looked at once outside of a macro. */
  private static final int MAX_NODES = 500;

  private static final int MAX_DEPTH = 32;

  /**
   * Most turns of the loops of one evaluation, all together: a span has at most 64 tags, so that
   * two nested loops over them are left.
   */
  private static final int MAX_TURNS = 5_000;

  private static final CelOptions BOUNDS =
      CelOptions.current()
          .maxExpressionCodePointSize(MAX_LENGTH)
          .maxParseExpressionNodeCount(MAX_NODES)
          .maxParseRecursionDepth(MAX_DEPTH)
          .comprehensionMaxIterations(MAX_TURNS)
          .maxRegexProgramSize(1_000)
          .build();

  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.standardCelRuntimeBuilder().setOptions(BOUNDS).build();

  private final String text;
  private final CelRuntime.Program program;

  private Condition(String text, CelRuntime.Program program) {
    this.text = text;
    this.program = program;
  }

  /**
   * What is wrong with a condition.
   *
   * @param line within the text, from 1
   * @param column within that line, from 1
   */
  record Fault(int line, int column, String message) {}

  /** A condition that could not be compiled. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient List<Fault> faults;

    Refused(List<Fault> faults) {
      super(faults.toString());
      this.faults = List.copyOf(faults);
    }

    List<Fault> faults() {
      return faults;
    }
  }

  /**
   * Compiles a condition.
   *
   * @param known attributes of {@link Selector#ATTRIBUTES} that may be named; texts, empty when a
   *     span does not say. {@value #TAGS} among them allows the map of tags.
   * @throws Refused when it is not an expression that is true or false over what is known
   */
  static Condition compile(String text, Set<String> known) throws Refused {
    CelCompilerBuilder compiler =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(BOUNDS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .setResultType(SimpleType.BOOL);
    for (String name : known) {
      compiler.addVar(
          name,
          name.equals(TAGS)
              ? MapType.create(SimpleType.STRING, SimpleType.STRING)
              : SimpleType.STRING);
    }
    CelValidationResult checked = compiler.build().compile(text);
    try {
      return new Condition(text, RUNTIME.createProgram(checked.getAst()));
    } catch (CelValidationException e) {
      List<Fault> faults = new ArrayList<>();
      for (CelIssue issue : e.getErrors()) {
        faults.add(
            new Fault(
                Math.max(1, issue.getSourceLocation().getLine()),
                Math.max(0, issue.getSourceLocation().getColumn()) + 1,
                issue.getMessage()));
      }
      if (faults.isEmpty()) {
        faults.add(new Fault(1, 1, String.valueOf(e.getMessage())));
      }
      throw new Refused(faults);
    } catch (CelEvaluationException e) {
      throw new Refused(List.of(new Fault(1, 1, String.valueOf(e.getMessage()))));
    }
  }

  /** True when it holds; false when it does not, or cannot be told, as of a tag that is missing. */
  boolean holds(Subject subject) {
    try {
      return Boolean.TRUE.equals(program.eval((String name) -> value(subject, name)));
    } catch (CelEvaluationException | RuntimeException e) {
      return false; // the stream goes on: a condition that cannot be told does not hold
    }
  }

  private static Optional<Object> value(Subject subject, String name) {
    if (name.equals(TAGS)) {
      return Optional.of(subject.tags());
    }
    var attribute = Selector.ATTRIBUTES.get(name);
    if (attribute == null) {
      return Optional.empty();
    }
    String given = attribute.apply(subject);
    return Optional.of(given == null ? "" : given);
  }

  String text() {
    return text;
  }
}
