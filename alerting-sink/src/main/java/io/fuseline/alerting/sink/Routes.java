package io.fuseline.alerting.sink;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the sink delivers to, and which events go there. Every route that matches counts; a
 * destination gets an event once, however many routes lead to it.
 */
public final class Routes {
  private final List<Destination> destinations;
  private final List<Route> routes;
  private final Map<String, List<Glob>> agentsOfTeams;

  Routes(
      List<Destination> destinations, List<Route> routes, Map<String, List<Glob>> agentsOfTeams) {
    this.destinations = List.copyOf(destinations);
    this.routes = List.copyOf(routes);
    this.agentsOfTeams = new LinkedHashMap<>(agentsOfTeams);
  }

  /**
   * Reads a routes file, with the secrets it names.
   *
   * @throws RoutesFileException when anything in it is wrong; the message lists every fault with
   *     file, line and field
   */
  public static Routes read(Path file) {
    return read(file, System.getenv());
  }

  /**
   * @param environment where {@code {env: NAME}} is looked up
   */
  static Routes read(Path file, Map<String, String> environment) {
    return new RoutesReader(file, environment).read();
  }

  /** Everything goes to these. */
  static Routes toAll(List<Destination> destinations) {
    return new Routes(
        destinations,
        List.of(
            new Route(0, destinations.stream().map(Destination::name).toList(), Match.ALL, null)),
        Map.of());
  }

  /** These, and one more that gets everything. */
  Routes and(Destination more) {
    var all = new ArrayList<>(destinations);
    all.add(more);
    var longer = new ArrayList<>(routes);
    longer.add(new Route(routes.size(), List.of(more.name()), Match.ALL, null));
    return new Routes(all, longer, agentsOfTeams);
  }

  List<Destination> destinations() {
    return destinations;
  }

  Optional<Destination> destination(String name) {
    return destinations.stream().filter(one -> one.name().equals(name)).findFirst();
  }

  /** Routes that tell some events to a destination in a digest. */
  List<Route> digestsTo(Destination destination) {
    return routes.stream()
        .filter(route -> route.digest() != null && route.to().contains(destination.name()))
        .toList();
  }

  /** Whether a route leads revocations to a destination. */
  boolean revokeAt(Destination destination) {
    return routes.stream()
        .anyMatch(
            route ->
                route.match().kind() == Event.Kind.REVOCATION
                    && route.to().contains(destination.name()));
  }

  /** Whether an event is delivered to a destination by itself. */
  boolean isDirect(Destination destination, Event event) {
    return routes.stream()
        .anyMatch(
            route ->
                leads(route, destination, event)
                    && (route.digest() == null || !route.digest().takes(event)));
  }

  /** Whether an event belongs into the digest of a route to a destination. */
  boolean isDigested(Route route, Destination destination, Event event) {
    return leads(route, destination, event)
        && route.digest().takes(event)
        && !isDirect(destination, event);
  }

  private boolean leads(Route route, Destination destination, Event event) {
    if (!route.to().contains(destination.name())) {
      return false;
    }
    if (OwnAlerts.isOwn(event)) {
      // Everyone who listens should know that somebody no longer can; he himself cannot.
      return !OwnAlerts.isAbout(event, destination)
          && destination.settings().takes(event)
          && route.match().takesLoudness(event);
    }
    return isFor(route, destination, event) && route.match().takes(withTeam(event));
  }

  private static boolean isFor(Route route, Destination destination, Event event) {
    return route.match().kind() != null && event.isOf(route.match().kind())
        ? destination.settings().takesWhenAsked(event)
        : destination.settings().takes(event);
  }

  /** The event with the team its agent belongs to, when it does not say. */
  private Event withTeam(Event event) {
    var agent = event.scope().get("agent");
    if (event.scope().containsKey("team") || agent == null || agentsOfTeams.isEmpty()) {
      return event;
    }
    return agentsOfTeams.entrySet().stream()
        .filter(team -> team.getValue().stream().anyMatch(glob -> glob.matches(agent)))
        .findFirst()
        .map(team -> event.of(team.getKey()))
        .orElse(event);
  }

  /** Destinations and routes in words, one line each; without secrets. */
  public List<String> describe() {
    var lines = new ArrayList<String>();
    destinations.forEach(destination -> lines.add("destination  " + destination));
    for (var route : routes) {
      lines.add(
          "route        "
              + route.match()
              + " -> "
              + String.join(", ", route.to())
              + (route.digest() == null ? "" : ", " + route.digest()));
    }
    return lines;
  }
}
