package io.fuseline.enrichment.normalise;

import java.util.Map;

/**
 * Attributes by their full names, whether they came flat ({@code gen_ai.system}) or as nested maps
 * ({@code gen_ai: {system: …}}).
 */
final class Attributes {

  private final Map<String, Object> flat;
  private final boolean nested;

  Attributes(Map<String, Object> flat) {
    this.flat = flat;
    boolean found = false;
    for (Object value : flat.values()) {
      found |= Values.isMap(value);
    }
    this.nested = found;
  }

  /** The attribute's value, or null. */
  Object get(String name) {
    Object value = flat.get(name);
    return value == null && nested ? within(flat, name) : value;
  }

  private static Object within(Map<?, ?> map, String name) {
    for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
      if (map.get(name.substring(0, dot)) instanceof Map<?, ?> inner) {
        String rest = name.substring(dot + 1);
        Object value = inner.get(rest);
        value = value == null ? within(inner, rest) : value;
        if (value != null) {
          return value;
        }
      }
    }
    return null;
  }
}
