package io.fuseline.deploy.cli;

import io.fuseline.schemas.PolicyDocument;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** What applying policy files would change on the cluster. */
final class PolicyChanges {
  private final Map<String, PolicyDocument> current;
  private final Map<String, PolicyDocument> proposed;
  private final boolean prune;

  /**
   * @param prune policies that are not in the files are removed
   */
  PolicyChanges(
      Map<String, PolicyDocument> current, Map<String, PolicyDocument> proposed, boolean prune) {
    this.current = current;
    this.proposed = proposed;
    this.prune = prune;
  }

  /** What is to be written; a null value removes. */
  Map<String, PolicyDocument> records() {
    Map<String, PolicyDocument> records = new LinkedHashMap<>();
    proposed.forEach(
        (id, policy) -> {
          PolicyDocument before = current.get(id);
          if (before == null || !before.getVersion().equals(policy.getVersion())) {
            records.put(id, policy);
          }
        });
    if (prune) {
      current.keySet().stream()
          .filter(id -> !proposed.containsKey(id))
          .forEach(id -> records.put(id, null));
    }
    return records;
  }

  /**
   * Prints one line per policy.
   *
   * @param texts also how the text of a changed policy differs
   */
  void print(PrintWriter out, boolean texts) {
    proposed.forEach(
        (id, policy) -> {
          PolicyDocument before = current.get(id);
          if (before == null) {
            out.println("new        " + id + " " + policy.getVersion());
          } else if (before.getVersion().equals(policy.getVersion())) {
            out.println("unchanged  " + id + " " + policy.getVersion());
          } else {
            out.println(
                "changed    " + id + " " + before.getVersion() + " -> " + policy.getVersion());
            if (texts) {
              LineDiff.print(before.getSource(), policy.getSource(), out);
            }
          }
        });
    for (String id : current.keySet()) {
      if (!proposed.containsKey(id)) {
        out.println(
            (prune ? "removed    " : "kept       ")
                + id
                + " "
                + current.get(id).getVersion()
                + (prune ? "" : " (not in the files; --prune removes it)"));
      }
    }
  }
}
