package io.fuseline.deploy.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Tells from outside how far an application is: by the offsets it has committed, in its input and
 * in the internal topics through which it hands records to itself. With exactly-once a commit also
 * holds all that was written and stored, so nothing is left to do when these have reached the ends.
 */
final class GroupProgress {
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);
  private static final Duration STALLED_AFTER = Duration.ofSeconds(90);
  private static final String REPARTITION = "-repartition";
  private static final String CHANGELOG = "-changelog";

  private final Admin admin;
  private final String group;

  GroupProgress(Admin admin, String group) {
    this.admin = admin;
    this.group = group;
  }

  /**
   * Waits until the input is committed up to the given offsets and every internal topic to its end.
   *
   * @param process is asked whether it is still alive
   * @param advanced gets the input records committed since it was last told
   */
  void awaitDone(Map<TopicPartition, Long> input, RungProcess process, LongConsumer advanced) {
    long told = 0;
    long lastSum = -1;
    long movedAt = System.nanoTime();
    while (true) {
      Map<TopicPartition, Long> committed = committed();
      long inputDone =
          input.keySet().stream().mapToLong(each -> committed.getOrDefault(each, 0L)).sum();
      advanced.accept(inputDone - told);
      told = inputDone;
      boolean inputRead =
          input.entrySet().stream()
              .allMatch(end -> committed.getOrDefault(end.getKey(), 0L) >= end.getValue());
      if (inputRead && isDrained(committed)) {
        return;
      }
      long sum = committed.values().stream().mapToLong(Long::longValue).sum();
      if (sum != lastSum) {
        lastSum = sum;
        movedAt = System.nanoTime();
      } else if (!process.isAlive()) {
        throw process.failure("ended after " + inputDone + " records");
      } else if (System.nanoTime() - movedAt > STALLED_AFTER.toNanos()) {
        throw process.failure(
            "committed nothing for %d s after %d records"
                .formatted(STALLED_AFTER.toSeconds(), inputDone));
      }
      pause();
    }
  }

  /** Records in the internal topics through which the application hands records to itself. */
  long repartitioned() {
    return sum(ends(topics(REPARTITION)));
  }

  /** Records in the copies of the application's state, as the broker still has them. */
  long changelogged() {
    List<String> changelogs = topics(CHANGELOG);
    return sum(offsets(changelogs, OffsetSpec.latest()))
        - sum(offsets(changelogs, OffsetSpec.earliest()));
  }

  private static long sum(Map<TopicPartition, Long> offsets) {
    return offsets.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Bytes in the broker's logs by topic. */
  Map<String, Long> bytesByTopic() {
    Map<String, Long> bytes = new HashMap<>();
    try {
      var nodes = admin.describeCluster().nodes().get().stream().map(node -> node.id()).toList();
      admin
          .describeLogDirs(nodes)
          .allDescriptions()
          .get()
          .values()
          .forEach(
              folders ->
                  folders
                      .values()
                      .forEach(
                          folder ->
                              folder
                                  .replicaInfos()
                                  .forEach(
                                      (partition, replica) ->
                                          bytes.merge(
                                              partition.topic(), replica.size(), Long::sum))));
      return bytes;
    } catch (ExecutionException e) {
      throw new BenchException("The broker does not tell its sizes: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private boolean isDrained(Map<TopicPartition, Long> committed) {
    return ends(topics(REPARTITION)).entrySet().stream()
        .allMatch(end -> committed.getOrDefault(end.getKey(), 0L) >= end.getValue());
  }

  private List<String> topics(String kind) {
    try {
      return admin.listTopics().names().get().stream()
          .filter(topic -> topic.startsWith(group + "-") && topic.endsWith(kind))
          .toList();
    } catch (ExecutionException e) {
      throw new BenchException("The broker does not list its topics: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private Map<TopicPartition, Long> committed() {
    try {
      return admin
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get()
          .entrySet()
          .stream()
          .filter(entry -> entry.getValue() != null)
          .collect(
              Collectors.toMap(
                  Map.Entry<TopicPartition, OffsetAndMetadata>::getKey,
                  entry -> entry.getValue().offset()));
    } catch (ExecutionException e) {
      throw new BenchException("The broker does not tell offsets: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private Map<TopicPartition, Long> ends(List<String> topics) {
    return offsets(topics, OffsetSpec.latest());
  }

  private Map<TopicPartition, Long> offsets(List<String> topics, OffsetSpec which) {
    try {
      Map<TopicPartition, OffsetSpec> wanted = new LinkedHashMap<>();
      for (var topic : admin.describeTopics(topics).allTopicNames().get().values()) {
        topic
            .partitions()
            .forEach(
                partition ->
                    wanted.put(new TopicPartition(topic.name(), partition.partition()), which));
      }
      Map<TopicPartition, Long> ends = new HashMap<>();
      admin
          .listOffsets(wanted)
          .all()
          .get()
          .forEach((partition, end) -> ends.put(partition, end.offset()));
      return ends;
    } catch (ExecutionException e) {
      throw new BenchException("The broker does not tell offsets: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static BenchException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new BenchException("Interrupted while a rung was measured", e);
  }
}
