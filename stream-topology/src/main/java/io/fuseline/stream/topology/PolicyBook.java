package io.fuseline.stream.topology;

import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.PolicySet;
import java.util.HashMap;
import java.util.Map;

/**
 * The policies in force; read by all stream threads, changed by the one that follows the policies
 * topic.
 */
public final class PolicyBook {
  private final Map<String, Policy> byId = new HashMap<>();
  private volatile PolicySet current = PolicySet.none();

  public PolicySet current() {
    return current;
  }

  public synchronized void put(Policy policy) {
    byId.put(policy.id(), policy);
    current = PolicySet.of(byId.values());
  }

  public synchronized void remove(String policyId) {
    byId.remove(policyId);
    current = PolicySet.of(byId.values());
  }
}
