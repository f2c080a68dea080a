package io.fuseline.alerting.sink;

import java.util.LinkedHashMap;
import java.util.Map;

/** The ids last seen, a bounded number of them. Safe for use by many threads. */
final class RecentIds {
  private final Map<String, Boolean> ids;

  /**
   * @param limit ids remembered, the longest unseen forgotten first
   */
  RecentIds(int limit) {
    ids =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > limit;
          }
        };
  }

  synchronized boolean contains(String id) {
    return ids.get(id) != null;
  }

  synchronized void add(String id) {
    ids.put(id, true);
  }
}
