package io.fuseline.stream.topology;

import io.fuseline.schemas.Dimension;
import io.fuseline.stream.admission.AdmissionDesk;
import io.fuseline.stream.admission.Ask;
import io.fuseline.stream.admission.Decision;
import io.fuseline.stream.admission.Opinion;
import io.fuseline.stream.admission.OwnerDesk;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Subject;
import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.state.HostInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the instances that hold the run and the scopes a call concerns, this one first, and gives
 * back what was promised when one of them refuses. Each is asked for no more than the ones before
 * had room for.
 */
public final class RoutedAdmission implements AdmissionDesk {
  private static final Logger LOG = LoggerFactory.getLogger(RoutedAdmission.class);

  private final Owners owners;
  private final HostInfo self;
  private final PolicyBook policies;
  private final OwnerDesk local;
  private final Function<HostInfo, OwnerDesk> others;

  /**
   * @param self address under which this instance is known
   * @param policies say which scopes have budgets and need to be asked
   * @param others asks another instance
   */
  public RoutedAdmission(
      KafkaStreams streams,
      HostInfo self,
      PolicyBook policies,
      OwnerDesk local,
      Function<HostInfo, OwnerDesk> others) {
    this.owners = new Owners(streams);
    this.self = self;
    this.policies = policies;
    this.local = local;
    this.others = others;
  }

  @Override
  public Opinion ask(Ask ask) {
    List<Opinion> opinions = new ArrayList<>();
    List<OwnerDesk> asked = new ArrayList<>();
    Ask next = ask;
    try {
      for (Map.Entry<OwnerDesk, OwnerDesk.Part> entry : parts(ask).entrySet()) {
        OwnerDesk.Part part = entry.getValue();
        asked.add(entry.getKey());
        Opinion opinion = entry.getKey().ask(new OwnerDesk.Part(next, part.run(), part.scopes()));
        opinions.add(opinion);
        if (opinion.decision().compareTo(Decision.THROTTLE) > 0) {
          break;
        }
        if (next.wantsLease()) {
          next = next.withLease(Math.max(1, opinion.lease()));
        }
      }
    } catch (StoreUnavailable e) {
      drop(ask, asked);
      throw e;
    }
    Opinion together = Opinion.together(opinions);
    if (together.decision().compareTo(Decision.THROTTLE) > 0) {
      drop(ask, asked);
    } else {
      trim(ask, asked, opinions, together.lease());
    }
    return together;
  }

  private void drop(Ask ask, List<OwnerDesk> asked) {
    for (OwnerDesk desk : asked) {
      tell(desk, new OwnerDesk.Change(ask.grantId(), OwnerDesk.What.DROP, 0));
    }
  }

  /** Who was asked first may have promised more than those after it had room for. */
  private void trim(Ask ask, List<OwnerDesk> asked, List<Opinion> opinions, long lease) {
    for (int i = 0; i < asked.size(); i++) {
      if (ask.wantsLease() && opinions.get(i).lease() > lease) {
        tell(
            asked.get(i),
            new OwnerDesk.Change(
                ask.grantId(), OwnerDesk.What.TRIM, Math.max(lease, ask.estimate())));
      }
    }
  }

  /** What is not taken back now ends by itself. */
  private static void tell(OwnerDesk desk, OwnerDesk.Change change) {
    try {
      desk.change(change);
    } catch (StoreUnavailable e) {
      LOG.debug("A promise stands until it ends by itself: {}", e.getMessage());
    }
  }

  @Override
  public void giveBack(Ask ask) {
    OwnerDesk.Change change =
        new OwnerDesk.Change(ask.returned(), OwnerDesk.What.GIVE_BACK, ask.used());
    StoreUnavailable last = null;
    for (OwnerDesk desk : parts(ask).keySet()) {
      try {
        desk.change(change);
      } catch (StoreUnavailable e) {
        last = e;
      }
    }
    if (last != null) {
      throw last;
    }
  }

  /** Whom to ask what, this instance first. */
  private Map<OwnerDesk, OwnerDesk.Part> parts(Ask ask) {
    HostInfo ofRun = owners.ofRun(ask.rootRunId());
    Map<HostInfo, List<ScopeKey>> scopes = new LinkedHashMap<>();
    scopes.put(self, new ArrayList<>());
    scopes.computeIfAbsent(ofRun, host -> new ArrayList<>());
    for (ScopeKey key : scopes(ask.subject(), policies.current())) {
      scopes
          .computeIfAbsent(owners.ofScope(ScopeProcessor.SCOPES, key), host -> new ArrayList<>())
          .add(key);
    }
    Map<OwnerDesk, OwnerDesk.Part> parts = new LinkedHashMap<>();
    scopes.forEach(
        (host, keys) -> {
          boolean run = host.equals(ofRun);
          if (run || !keys.isEmpty()) {
            parts.put(
                host.equals(self) ? local : others.apply(host), new OwnerDesk.Part(ask, run, keys));
          }
        });
    return parts;
  }

  /**
   * The scopes that may have something to say: an agent may have been told to stop for many
   * reasons, all others only by a budget of theirs.
   */
  private static List<ScopeKey> scopes(Subject subject, PolicySet policies) {
    List<ScopeKey> keys = new ArrayList<>();
    String tenant = subject.tenant();
    if (!subject.agent().isEmpty()) {
      keys.add(new ScopeKey(Dimension.AGENT, tenant, subject.agent()));
    }
    add(keys, Dimension.TEAM, tenant, subject.team(), policies);
    add(keys, Dimension.PROJECT, tenant, subject.project(), policies);
    add(keys, Dimension.WORKFLOW, tenant, subject.workflow(), policies);
    add(keys, Dimension.COST_CENTRE, tenant, subject.costCentre(), policies);
    add(keys, Dimension.TENANT, tenant, tenant, policies);
    add(keys, Dimension.TOOL, tenant, subject.tool(), policies);
    add(keys, Dimension.MODEL, tenant, subject.model(), policies);
    return keys;
  }

  private static void add(
      List<ScopeKey> keys, Dimension dimension, String tenant, String value, PolicySet policies) {
    if (value != null
        && !value.isEmpty()
        && !policies.budgets(Rule.Per.valueOf(dimension.name())).isEmpty()) {
      keys.add(new ScopeKey(dimension, tenant, value));
    }
  }
}
