package io.fuseline.stream.judge;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.DecisionType;
import io.fuseline.schemas.Evidence;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.Rung;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What people have decided about one episode: whatever names one of its commands, or none and was
 * said after the newest of them.
 */
final class Decided {
  /** Detail of evidence that says who decided. */
  static final String BY = "decided_by";

  private final List<Raises.Said> said;
  private final Episode episode;

  /**
   * @param all what was said about the target
   */
  Decided(List<Raises.Said> all, Episode episode) {
    this.episode = episode;
    this.said = all.stream().filter(one -> isAbout(one, episode)).toList();
  }

  private static boolean isAbout(Raises.Said one, Episode episode) {
    return one.commandId() == null
        ? one.decidedMicros() >= episode.sentAt
        : episode.commandIds.contains(one.commandId());
  }

  /** That somebody knows of it; null when nobody has said so. */
  Evidence acknowledged(Policy policy) {
    Raises.Said one = first(DecisionType.ACKNOWLEDGE);
    return one == null ? null : evidence(policy, List.of(one), "Acknowledged");
  }

  /** That what was asked for is denied, by a person or by silence; null when it is not. */
  Evidence denied(Policy policy, Rung rung, long nowMicros) {
    if (episode.sent != Action.REQUIRE_APPROVAL) {
      return null;
    }
    Raises.Said one = first(DecisionType.DENY);
    if (one != null) {
      return evidence(policy, List.of(one), "Denied");
    }
    if (episode.approvalDue == 0 || nowMicros < episode.approvalDue) {
      return null;
    }
    String asked = episode.commandIds.get(episode.commandIds.size() - 1);
    Map<String, String> details = new TreeMap<>();
    details.put("asked", asked);
    details.put("asked_at", Times.instant(episode.sentAt).toString());
    if (rung.approvalTimeout() != null) { // the policy may have changed since
      details.put("approval_timeout", rung.approvalTimeout().toString());
    }
    return RunJudge.evidence(
        policy.rule().type(),
        String.valueOf(approvals().size()),
        String.valueOf(rung.approvers()),
        "approvals",
        "Not approved until %s what %s had asked for: %s"
            .formatted(Times.instant(episode.approvalDue), asked, episode.summary),
        List.of(),
        details);
  }

  /** That enough different people let the target go on; null when not. */
  Evidence approved(Policy policy, Rung rung) {
    Map<String, Raises.Said> byPerson = approvals();
    return byPerson.size() < rung.approvers()
        ? null
        : evidence(policy, List.copyOf(byPerson.values()), "Approved");
  }

  /** By person; the same name in other letters is the same person. */
  private Map<String, Raises.Said> approvals() {
    Map<String, Raises.Said> byPerson = new LinkedHashMap<>();
    for (Raises.Said one : said) {
      boolean lets =
          one.type() == DecisionType.RESTORE
              || one.type() == DecisionType.APPROVE && episode.sent == Action.REQUIRE_APPROVAL;
      if (lets) {
        byPerson.putIfAbsent(one.by().strip().toLowerCase(Locale.ROOT), one);
      }
    }
    return byPerson;
  }

  private Raises.Said first(DecisionType type) {
    return said.stream().filter(one -> one.type() == type).findFirst().orElse(null);
  }

  private Evidence evidence(Policy policy, List<Raises.Said> by, String verb) {
    String names = by.stream().map(Raises.Said::by).collect(Collectors.joining(" and "));
    String ids = by.stream().map(Raises.Said::decisionId).collect(Collectors.joining(", "));
    Map<String, String> details = new TreeMap<>();
    details.put(BY, names + " (decision " + ids + ")");
    details.put("opened_by", episode.summary);
    return RunJudge.evidence(
        policy.rule().type(),
        String.valueOf(by.size()),
        String.valueOf(by.size()),
        "decisions",
        "%s by %s: %s".formatted(verb, names, by.get(by.size() - 1).why()),
        List.of(),
        details);
  }
}
