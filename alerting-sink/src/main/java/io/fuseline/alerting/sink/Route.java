package io.fuseline.alerting.sink;

import java.util.List;

/**
 * Which events go where.
 *
 * @param number place in the file, from 0
 * @param to names of destinations
 * @param digest what is told together; null for nothing
 */
record Route(int number, List<String> to, Match match, Digest digest) {
  Route {
    to = List.copyOf(to);
  }
}
