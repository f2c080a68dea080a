package io.fuseline.stream.policy;

import io.fuseline.schemas.PolicyMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An immutable set of policies, sorted by what has to be asked when. Policies of one kind stand by
 * id.
 *
 * <p>Where several policies on one {@linkplain Rule#matter() matter} select a subject, the most
 * specific of those that enforce hold, all of them when there are equals; the others are displaced.
 * A policy in shadow or warn displaces none.
 */
public final class PolicySet {
  private static final PolicySet NONE = new PolicySet(List.of());

  private final List<Policy> all;
  private final Map<String, Policy> byId = new HashMap<>();
  private final List<Policy> cycles = new ArrayList<>();
  private final List<Policy> explosions = new ArrayList<>();
  private final List<Policy> runRules = new ArrayList<>();
  private final List<Policy> agentRules = new ArrayList<>();
  private final Map<Rule.Per, List<Policy>> budgets = new EnumMap<>(Rule.Per.class);
  private final Map<Rule.Per, Set<Window>> windows = new EnumMap<>(Rule.Per.class);

  private PolicySet(Collection<Policy> policies) {
    all = policies.stream().sorted(Comparator.comparing(Policy::id)).toList();
    for (Rule.Per per : Rule.Per.values()) {
      budgets.put(per, new ArrayList<>());
      windows.put(per, new LinkedHashSet<>());
    }
    for (Policy policy : all) {
      byId.put(policy.id(), policy);
      if (policy.rule() instanceof Rule.ExactCycle) {
        cycles.add(policy);
      } else if (policy.rule() instanceof Rule.ToolCallExplosion) {
        explosions.add(policy);
      } else if (policy.rule() instanceof Rule.Budget budget) {
        budgets.get(budget.per()).add(policy);
        if (!isKept(budget.window())) {
          windows.get(budget.per()).add(budget.window());
        }
      } else if (policy.rule() instanceof RunRule) {
        runRules.add(policy);
      } else if (policy.rule() instanceof AgentRule) {
        agentRules.add(policy);
      }
    }
  }

  public static PolicySet none() {
    return NONE;
  }

  public static PolicySet of(Collection<Policy> policies) {
    return new PolicySet(policies);
  }

  public List<Policy> all() {
    return all;
  }

  public Optional<Policy> byId(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** Those of a list of policies that hold for a subject, in the list's order. */
  public List<Policy> holding(List<Policy> policies, Subject subject) {
    List<Policy> selected = null;
    for (Policy policy : policies) {
      if (policy.match().matches(subject)) {
        if (selected == null) {
          selected = new ArrayList<>(2);
        }
        selected.add(policy);
      }
    }
    if (selected == null) {
      return List.of();
    }
    return selected.size() > 1 ? withoutDisplaced(selected) : selected;
  }

  /** The list itself when none is displaced, as nearly always. */
  private static List<Policy> withoutDisplaced(List<Policy> selected) {
    List<Policy> kept = selected;
    for (Policy policy : selected) {
      if (isDisplaced(policy, selected)) {
        if (kept == selected) {
          kept = new ArrayList<>(selected);
        }
        kept.remove(policy);
      }
    }
    return kept;
  }

  private static boolean isDisplaced(Policy policy, List<Policy> selected) {
    for (Policy other : selected) {
      if (displaces(other, policy)) {
        return true;
      }
    }
    return false;
  }

  /** True when a more specific policy on the same matter selects the subject too. */
  public boolean isDisplaced(Policy policy, Subject subject) {
    for (Policy other : all) {
      if (displaces(other, policy) && other.match().matches(subject)) {
        return true;
      }
    }
    return false;
  }

  private static boolean displaces(Policy narrow, Policy wide) {
    return narrow.match().compareSpecificity(wide.match()) > 0
        && narrow.mode() == PolicyMode.ENFORCE
        && narrow.rule().matter().equals(wide.rule().matter());
  }

  /** Policies with an {@link Rule.ExactCycle} rule. */
  public List<Policy> cycles() {
    return cycles;
  }

  /** Policies with a {@link Rule.ToolCallExplosion} rule. */
  public List<Policy> explosions() {
    return explosions;
  }

  /** Policies with a {@link RunRule}. */
  public List<Policy> runRules() {
    return runRules;
  }

  /** True for windows that every scope keeps, whatever its policies. */
  private static boolean isKept(Window window) {
    return window.equals(Window.LIFE) || window.equals(Window.HOUR) || window.equals(Window.DAY);
  }

  /** Windows that budgets over the given scope add up, beyond those that every scope keeps. */
  public Set<Window> windows(Rule.Per per) {
    return windows.get(per);
  }

  /** Policies with an {@link AgentRule}. */
  public List<Policy> agentRules() {
    return agentRules;
  }

  /** Policies with a {@link Rule.Budget} rule over the given scope. */
  public List<Policy> budgets(Rule.Per per) {
    return budgets.get(per);
  }
}
