package io.fuseline.alerting.sink;

import io.fuseline.alerting.sink.A2aSettings.Version;
import io.fuseline.alerting.sink.Event.Kind;
import io.fuseline.alerting.sink.LiteLlmSettings.Step;
import io.fuseline.alerting.sink.MailSettings.Security;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/** Reads a routes file and notes every fault with its line. */
final class RoutesReader {
  private static final int MAX_SIZE = 1 << 20;
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");
  private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");
  private static final Set<String> METHODS = Set.of("DELETE", "GET", "PATCH", "POST", "PUT");
  private static final Duration SHORTEST_DIGEST = Duration.ofSeconds(1);
  private static final Duration LONGEST_DIGEST = Duration.ofDays(1);
  private static final String[] COMMON = {"type", "start", "retry", "timeout", "allow_addresses"};

  private final Path file;
  private final YamlFields.Source source;
  private final List<RouteFault> faults = new ArrayList<>();
  private URI page;

  RoutesReader(Path file, Map<String, String> environment) {
    this.file = file;
    source = new YamlFields.Source(file, environment, faults);
  }

  /**
   * @throws RoutesFileException with every fault
   */
  Routes read() {
    var root = compose();
    Routes routes = null;
    if (root != null) {
      routes = routes(new YamlFields(source, root, ""));
    }
    if (!faults.isEmpty()) {
      throw new RoutesFileException(faults);
    }
    return routes;
  }

  private Node compose() {
    var options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    try {
      if (Files.size(file) > MAX_SIZE) {
        faults.add(new RouteFault(file.toString(), 0, "", "is longer than 1 MiB."));
        return null;
      }
      var yaml = new Yaml(new SafeConstructor(options));
      var root = yaml.compose(new StringReader(Files.readString(file)));
      if (root == null) {
        faults.add(
            new RouteFault(file.toString(), 0, "", "is empty; expected destinations and routes."));
      }
      return root;
    } catch (NoSuchFileException e) {
      faults.add(new RouteFault(file.toString(), 0, "", "does not exist."));
    } catch (IOException e) {
      faults.add(
          new RouteFault(
              file.toString(), 0, "", "cannot be read as UTF-8 text: " + e.getMessage()));
    } catch (MarkedYAMLException e) {
      var line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
      faults.add(new RouteFault(file.toString(), line, "", "is not valid YAML: " + e.getProblem()));
    } catch (YAMLException e) {
      faults.add(
          new RouteFault(file.toString(), 0, "", "is not valid YAML: " + e.getMessage().strip()));
    }
    return null;
  }

  private Routes routes(YamlFields top) {
    top.known("page", "teams", "destinations", "routes");
    if (top.has("page")) {
      page = top.parsed("page", Urls::parse);
    }
    var destinations = new LinkedHashMap<String, Destination>();
    var named = new LinkedHashSet<String>();
    if (!top.has("destinations")) {
      top.fault("destinations", "is missing. Name at least one place to deliver to.");
    } else {
      var all = top.mapping("destinations");
      for (var name : all.names()) {
        named.add(name);
        if (!NAME.matcher(name).matches()) {
          all.fault(
              name,
              "is no name. Use 1 to 40 lower-case letters, digits or '-', beginning with none.");
        } else if (name.equals(SinkSettings.LOG_NAME)) {
          all.fault(name, "is the name of the log. Choose another.");
        }
        var destination = destination(name, all.mapping(name));
        if (destination != null) {
          destinations.put(name, destination);
        }
      }
    }
    var routes = new ArrayList<Route>();
    for (var fields : top.mappings("routes")) {
      routes.add(route(routes.size(), fields, named, destinations));
    }
    for (var name : named) {
      if (routes.stream().noneMatch(route -> route.to().contains(name))) {
        top.mapping("destinations")
            .fault(name, "no route leads to it. Add one, or take the destination out.");
      }
    }
    return new Routes(List.copyOf(destinations.values()), routes, teams(top));
  }

  private Map<String, List<Glob>> teams(YamlFields top) {
    var teams = new LinkedHashMap<String, List<Glob>>();
    if (top.has("teams")) {
      var fields = top.mapping("teams");
      for (var team : fields.names()) {
        var agents = fields.texts(team);
        if (agents.isEmpty()) {
          fields.fault(team, "must list the agents of the team, such as [support-*].");
        }
        teams.put(team, agents.stream().map(Glob::new).toList());
      }
    }
    return teams;
  }

  private Route route(
      int number, YamlFields fields, Set<String> named, Map<String, Destination> destinations) {
    fields.known("to", "match", "digest");
    var to = fields.texts("to");
    if (to.isEmpty()) {
      fields.fault("to", "must name at least one destination.");
    }
    for (var name : to) {
      if (!named.contains(name)) {
        fields.fault(
            "to",
            "'%s' is no destination. Use one of %s.".formatted(name, String.join(", ", named)));
      }
    }
    var match = fields.has("match") ? match(fields.mapping("match")) : Match.ALL;
    var digest = fields.has("digest") ? digest(fields.mapping("digest")) : null;
    for (var name : to) {
      var destination = destinations.get(name);
      if (destination == null) {
        continue;
      }
      if (digest != null && !destination.settings().digests()) {
        fields.fault(
            "digest",
            "'%s' takes events one by one; a %s has no digests."
                .formatted(name, destination.settings().type()));
      }
      if (match.kind() != null && !destination.settings().mayTake(match.kind())) {
        fields.fault(
            "match",
            "'%s' takes no %ss; this route would deliver nothing to it."
                .formatted(name, match.kind().written()));
      }
    }
    return new Route(number, to, match, digest);
  }

  private static Match match(YamlFields fields) {
    var known = new LinkedHashSet<>(Match.SCOPES);
    known.add("event");
    known.add("severity");
    fields.known(known.toArray(String[]::new));
    var scope = new LinkedHashMap<String, Glob>();
    for (var name : Match.SCOPES) {
      var glob = fields.text(name);
      if (glob != null) {
        scope.put(name, new Glob(glob));
      }
    }
    return new Match(
        fields.choice(
            "event",
            Map.of("alert", Kind.ALERT, "command", Kind.COMMAND, "revocation", Kind.REVOCATION),
            null),
        fields.choice("severity", written(Severity.values()), null),
        scope);
  }

  private static Digest digest(YamlFields fields) {
    fields.known("below", "every", "max");
    if (!fields.has("every")) {
      fields.fault("every", "is missing. Say how often, such as 15m.");
    }
    return new Digest(
        fields.choice("below", written(Severity.values()), Severity.CRITICAL),
        fields.duration("every", Duration.ofMinutes(15), SHORTEST_DIGEST, LONGEST_DIGEST),
        fields.number("max", Digest.DEFAULT_MAX, 1, 500));
  }

  private Destination destination(String name, YamlFields fields) {
    var before = faults.size();
    var settings = settings(fields);
    var startAt =
        fields.choice(
            "start",
            Map.of(
                Destination.EARLIEST, Destination.EARLIEST, Destination.LATEST, Destination.LATEST),
            Destination.LATEST);
    var retry = fields.has("retry") ? retry(fields.mapping("retry")) : RetryPolicy.DEFAULT;
    return faults.size() > before || settings == null
        ? null
        : new Destination(name, settings, retry, startAt);
  }

  private static RetryPolicy retry(YamlFields fields) {
    fields.known("attempts", "first", "max");
    var shortest = Duration.ofMillis(1);
    var longest = Duration.ofHours(1);
    var first = fields.duration("first", RetryPolicy.DEFAULT.firstDelay(), shortest, longest);
    var most = fields.duration("max", RetryPolicy.DEFAULT.maxDelay(), shortest, longest);
    if (most.compareTo(first) < 0) {
      fields.fault("max", "is shorter than first. The wait doubles from first up to max.");
      most = first;
    }
    return new RetryPolicy(
        fields.number("attempts", RetryPolicy.DEFAULT.maxAttempts(), 1, 100), first, most);
  }

  private DestinationSettings settings(YamlFields fields) {
    Map<String, Function<YamlFields, DestinationSettings>> types =
        Map.of(
            "webhook", this::webhook,
            "slack", this::slack,
            "pagerduty", this::pagerDuty,
            "email", this::mail,
            "litellm", this::liteLlm,
            "a2a", this::a2a,
            "http", this::verb);
    if (!fields.has("type")) {
      fields.fault(
          "type",
          "is missing. Use one of "
              + types.keySet().stream().sorted().collect(Collectors.joining(", "))
              + ".");
      return null;
    }
    var type = fields.choice("type", types, null);
    return type == null ? null : type.apply(fields);
  }

  private static YamlFields known(YamlFields fields, String... own) {
    return fields.known(Stream.concat(Stream.of(COMMON), Stream.of(own)).toArray(String[]::new));
  }

  private static HttpSettings http(YamlFields fields) {
    var ranges = new ArrayList<AddressRange>();
    for (var text : fields.texts("allow_addresses")) {
      try {
        ranges.add(AddressRange.parse(text));
      } catch (IllegalArgumentException e) {
        fields.fault(
            "allow_addresses",
            "'%s' is no range of addresses. Write such as 10.0.0.0/8 or fd00::/8.".formatted(text));
      }
    }
    return new HttpSettings(timeout(fields), ranges);
  }

  private static Duration timeout(YamlFields fields) {
    return fields.duration(
        "timeout", HttpSettings.DEFAULT_TIMEOUT, Duration.ofMillis(100), Duration.ofMinutes(2));
  }

  private static URI url(YamlFields fields, String name) {
    if (!fields.has(name)) {
      fields.fault(name, "is missing.");
      return null;
    }
    var written = fields.textOrSecret(name);
    return written == null ? null : fields.parse(name, written.value(), Urls::parse);
  }

  private static URI urlOr(YamlFields fields, String name, String otherwise) {
    return fields.has(name) ? url(fields, name) : URI.create(otherwise);
  }

  private DestinationSettings webhook(YamlFields fields) {
    known(fields, "url", "secret");
    var url = url(fields, "url");
    var secret = fields.secret("secret");
    var http = http(fields);
    return url == null || secret == null
        ? null
        : fields.parse("secret", "", none -> new WebhookSettings(url, secret, http));
  }

  private DestinationSettings slack(YamlFields fields) {
    known(fields, "webhook_url", "token", "channel", "url");
    var http = http(fields);
    if (fields.has("webhook_url")) {
      for (var other : List.of("token", "channel", "url")) {
        if (fields.has(other)) {
          fields.fault(other, "goes with a token; a webhook_url has its channel in it.");
        }
      }
      var url = fields.secret("webhook_url");
      var parsed = url == null ? null : fields.parse("webhook_url", url.value(), Urls::parse);
      return parsed == null ? null : new SlackSettings(parsed, null, null, page, http);
    }
    if (!fields.has("token")) {
      fields.fault("webhook_url", "is missing. Give it, or a token and a channel.");
      return null;
    }
    var token = fields.secret("token");
    var channel = fields.required("channel");
    var url = urlOr(fields, "url", SlackSettings.POST_MESSAGE);
    return token == null || url == null ? null : new SlackSettings(url, token, channel, page, http);
  }

  private DestinationSettings pagerDuty(YamlFields fields) {
    known(fields, "routing_key", "url");
    var key = fields.secret("routing_key");
    var url = urlOr(fields, "url", PagerDutySettings.ENQUEUE);
    var http = http(fields);
    return key == null || url == null
        ? null
        : fields.parse("routing_key", "", none -> new PagerDutySettings(url, key, page, http));
  }

  private DestinationSettings mail(YamlFields fields) {
    fields.known(
        "type",
        "start",
        "retry",
        "timeout",
        "host",
        "port",
        "security",
        "user",
        "password",
        "from",
        "to");
    var security = fields.choice("security", written(Security.values()), Security.STARTTLS);
    var port = fields.number("port", security == Security.TLS ? 465 : 587, 1, 65535);
    var host = fields.required("host");
    var user = fields.text("user");
    if (user == null && fields.has("password")) {
      fields.fault("user", "is missing; there is a password.");
    }
    var password = user == null ? null : fields.secret("password");
    if (user != null && security == Security.NONE) {
      fields.fault("security", "none would send the password in the clear. Use starttls or tls.");
    }
    var from = fields.parsed("from", RoutesReader::address);
    var to = fields.texts("to").stream().map(one -> fields.parse("to", one, RoutesReader::address));
    var receivers = to.filter(Objects::nonNull).toList();
    if (!fields.has("to")) {
      fields.fault("to", "is missing. Name at least one address.");
    }
    return from == null || receivers.isEmpty()
        ? null
        : new MailSettings(host, port, security, user, password, from, receivers, timeout(fields));
  }

  private static String address(String written) {
    try {
      new InternetAddress(written, true).validate();
      if (!written.contains("@")) {
        throw new AddressException("it has no @");
      }
      return written;
    } catch (AddressException e) {
      throw new IllegalArgumentException(
          "'%s' is no mail address (%s), expected such as oncall@example.com"
              .formatted(written, e.getMessage()),
          e);
    }
  }

  private DestinationSettings liteLlm(YamlFields fields) {
    known(fields, "url", "key", "do", "targets", "agents");
    var url = url(fields, "url");
    var key = fields.secret("key");
    var steps =
        fields.choices("do", written(Step.values()), List.of(Step.KILL_SWITCH, Step.BLOCK_KEYS));
    if (steps.isEmpty()) {
      fields.fault("do", "must name at least one step, such as block_keys.");
    }
    var targets =
        fields.choices(
            "targets",
            Map.of("agent", TargetType.AGENT, "team", TargetType.TEAM, "run", TargetType.RUN),
            List.of(TargetType.AGENT, TargetType.TEAM));
    var agents = new LinkedHashMap<String, String>();
    if (fields.has("agents")) {
      var ids = fields.mapping("agents");
      ids.names().forEach(agent -> agents.put(agent, ids.required(agent)));
    }
    var http = http(fields);
    return url == null || key == null || targets.isEmpty()
        ? null
        : new LiteLlmSettings(url, key, steps, EnumSet.copyOf(targets), agents, http);
  }

  private DestinationSettings a2a(YamlFields fields) {
    known(fields, "agents", "url", "version", "token");
    var agents = new LinkedHashMap<String, URI>();
    if (fields.has("agents")) {
      var urls = fields.mapping("agents");
      for (var agent : urls.names()) {
        var url = urls.parsed(agent, Urls::parse);
        if (url != null) {
          agents.put(agent, url);
        }
      }
    } else if (!fields.has("url")) {
      fields.fault("agents", "is missing. Give the address of each agent, or a url for all.");
    }
    var url = fields.has("url") ? template(fields, "url", fields.required("url")) : null;
    var version =
        fields.choice(
            "version",
            Map.of("auto", Version.AUTO, "1.0", Version.V1_0, "0.3", Version.V0_3),
            Version.AUTO);
    var token = fields.has("token") ? fields.secret("token") : null;
    return new A2aSettings(agents, url, version, token, http(fields));
  }

  /** An address with names in braces; they may stand in its path and query only. */
  private static Template template(YamlFields fields, String name, String written) {
    var template = template(fields, name, new Template(written));
    var brace = written.indexOf("{{");
    var path = written.indexOf('/', Math.max(0, written.indexOf("://") + 3));
    if (brace >= 0 && (path < 0 || brace < path)) {
      fields.fault(
          name, "has a name in braces before its path; an event must not choose the host.");
    } else if (!written.isEmpty()) {
      fields.parse(name, template.filled(Map.of(), value -> value), Urls::parse);
    }
    return template;
  }

  private static Template template(YamlFields fields, String name, Template template) {
    for (var unknown : template.unknownNames()) {
      fields.fault(
          name,
          "'%s' is no name of a value. Use one of %s."
              .formatted(unknown, String.join(", ", Template.NAMES)));
    }
    return template;
  }

  private DestinationSettings verb(YamlFields fields) {
    known(fields, "method", "url", "headers", "body", "content_type", "secret", "actions");
    var method = fields.has("method") ? fields.required("method") : "POST";
    if (!METHODS.contains(method)) {
      fields.fault(
          "method",
          "'%s' is not known. Use one of %s."
              .formatted(method, METHODS.stream().sorted().collect(Collectors.joining(", "))));
    }
    var written = fields.required("url");
    var url = template(fields, "url", written);
    var headers = new LinkedHashMap<String, Secret>();
    if (fields.has("headers")) {
      var all = fields.mapping("headers");
      for (var name : all.names()) {
        var value = all.textOrSecret(name);
        if (!HEADER.matcher(name).matches()) {
          all.fault(name, "is no name of a header.");
        } else if (value != null && value.value().chars().anyMatch(Character::isISOControl)) {
          all.fault(name, "has control characters in its value.");
        } else if (value != null) {
          headers.put(name, value);
        }
      }
    }
    var body =
        fields.has("body") ? template(fields, "body", new Template(fields.required("body"))) : null;
    var secret = fields.has("secret") ? fields.secret("secret") : null;
    var actions = fields.choices("actions", written(Action.values()), List.of(Action.KILL));
    if (actions.isEmpty()) {
      fields.fault("actions", "must name at least one action, such as kill.");
      return null;
    }
    var contentType =
        fields.has("content_type") ? fields.required("content_type") : "application/json";
    var http = http(fields);
    return verb(method, url, headers, body, contentType, secret, actions, http);
  }

  private static DestinationSettings verb(
      String method,
      Template url,
      Map<String, Secret> headers,
      Template body,
      String contentType,
      Secret secret,
      List<Action> actions,
      HttpSettings http) {
    try {
      var shown = Urls.parse(url.filled(Map.of(), value -> value));
      return new VerbSettings(
          method, url, shown, headers, body, contentType, secret, EnumSet.copyOf(actions), http);
    } catch (IllegalArgumentException e) {
      return null; // noted as a fault before
    }
  }

  /** Constants of an enum as a file writes them: in lower case. */
  private static <E extends Enum<E>> Map<String, E> written(E[] constants) {
    return Stream.of(constants)
        .collect(
            Collectors.toMap(constant -> constant.name().toLowerCase(Locale.ROOT), one -> one));
  }
}
