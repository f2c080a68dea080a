package io.fuseline.deploy.setup;

import io.fuseline.schemas.topics.TopicSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates topics that are missing. A topic that exists is never changed: what differs is reported.
 */
public final class TopicSetup {
  /** What was found or done. */
  public enum State {
    /** The topic was missing and is there now. */
    CREATED,
    /** The topic was there, as it should be. */
    EXISTS,
    /** The topic was there, but not as it should be; it was left as it is. */
    DIFFERS
  }

  /**
   * The result for one topic.
   *
   * @param topic its name
   * @param state what was found or done
   * @param differences one sentence per setting that differs; empty unless {@link State#DIFFERS}
   */
  public record Result(String topic, State state, List<String> differences) {
    /** Copies the list. */
    public Result {
      differences = List.copyOf(differences);
    }
  }

  private static final String CLEANUP = "cleanup.policy";

  private TopicSetup() {}

  /**
   * Creates the missing ones among the topics.
   *
   * @param replication copies of each partition, 1 or more; empty for the cluster's default
   * @return one result per topic, in the order given
   * @throws KafkaException when the cluster cannot be reached or refuses
   */
  public static List<Result> create(
      Admin admin, Collection<TopicSpec> topics, OptionalInt replication) {
    Map<String, TopicDescription> existing = describe(admin, topics);
    List<TopicSpec> missing =
        topics.stream().filter(topic -> !existing.containsKey(topic.name())).toList();
    List<String> createdByOthers = createMissing(admin, missing, replication);
    Map<String, Config> configs = configs(admin, existing.keySet());
    List<Result> results = new ArrayList<>();
    for (TopicSpec topic : topics) {
      if (existing.containsKey(topic.name())) {
        List<String> differences =
            differences(topic, existing.get(topic.name()), configs.get(topic.name()));
        results.add(
            new Result(
                topic.name(), differences.isEmpty() ? State.EXISTS : State.DIFFERS, differences));
      } else {
        results.add(
            new Result(
                topic.name(),
                createdByOthers.contains(topic.name()) ? State.EXISTS : State.CREATED,
                List.of()));
      }
    }
    return results;
  }

  private static Map<String, TopicDescription> describe(Admin admin, Collection<TopicSpec> topics) {
    Map<String, TopicDescription> found = new LinkedHashMap<>();
    admin
        .describeTopics(topics.stream().map(TopicSpec::name).toList())
        .topicNameValues()
        .forEach(
            (name, answer) ->
                ifThere(answer).ifPresent(description -> found.put(name, description)));
    return found;
  }

  private static Map<String, Config> configs(Admin admin, Set<String> names) {
    Map<String, Config> found = new LinkedHashMap<>();
    admin
        .describeConfigs(
            names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList())
        .values()
        .forEach((resource, answer) -> found.put(resource.name(), await(answer)));
    return found;
  }

  /** Gives the topics that somebody else created meanwhile. */
  private static List<String> createMissing(
      Admin admin, List<TopicSpec> missing, OptionalInt replication) {
    Optional<Short> copies =
        replication.isPresent() ? Optional.of((short) replication.getAsInt()) : Optional.empty();
    List<NewTopic> wanted =
        missing.stream()
            .map(
                topic ->
                    new NewTopic(topic.name(), Optional.of(topic.partitions()), copies)
                        .configs(topic.configs()))
            .toList();
    List<String> createdByOthers = new ArrayList<>();
    admin
        .createTopics(wanted)
        .values()
        .forEach(
            (name, answer) -> {
              try {
                await(answer);
              } catch (TopicExistsException e) {
                createdByOthers.add(name);
              }
            });
    return createdByOthers;
  }

  private static List<String> differences(TopicSpec wanted, TopicDescription found, Config config) {
    List<String> differences = new ArrayList<>();
    int partitions = found.partitions().size();
    if (partitions != wanted.partitions()) {
      differences.add("partitions is " + partitions + ", expected " + wanted.partitions());
    }
    wanted
        .configs()
        .forEach(
            (name, value) -> {
              String actual = config.get(name).value();
              if (!meaning(name, actual).equals(meaning(name, value))) {
                differences.add(name + " is " + actual + ", expected " + value);
              }
            });
    return differences;
  }

  /** {@code compact,delete} and {@code delete,compact} are the same. */
  private static Object meaning(String setting, String value) {
    return setting.equals(CLEANUP) ? Set.copyOf(Arrays.asList(value.split(","))) : value;
  }

  private static <T> Optional<T> ifThere(KafkaFuture<T> answer) {
    try {
      return Optional.of(await(answer));
    } catch (UnknownTopicOrPartitionException e) {
      return Optional.empty();
    }
  }

  private static <T> T await(KafkaFuture<T> answer) {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
