package io.fuseline.schemas.serde;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.InterruptException;

/**
 * The registry as the serde sees it: asks through the Confluent client, tries again while the
 * registry is away, and tells an answer ("no such schema") from no answer.
 *
 * <p>Safe for use by many threads. Its caches live as long as the process; it holds no connection.
 */
final class SchemaRegistry {
  /**
   * Times between attempts, in milliseconds: a restart of the registry is sat out, an outage is
   * not.
   */
  private static final long[] BACKOFF_MS = {100, 200, 400, 800};

  /** Schemas remembered per subject by the client; far above what one deployment has. */
  private static final int CACHE_ENTRIES = 1_000;

  private static final int SUBJECT_NOT_FOUND = 40401;
  private static final int VERSION_NOT_FOUND = 40402;
  private static final int SCHEMA_NOT_FOUND = 40403;

  private static final Map<Address, SchemaRegistry> SHARED = new ConcurrentHashMap<>();

  private final SchemaRegistryClient client;

  /** For messages only. */
  private final List<String> urls;

  private SchemaRegistry(Address address) {
    this.client = new CachedSchemaRegistryClient(address.urls(), CACHE_ENTRIES, address.client());
    this.urls = address.urls().stream().map(SchemaRegistry::withoutCredentials).toList();
  }

  /** One registry per address and credentials in the whole process: ten serdes ask once. */
  static SchemaRegistry shared(RegistrySettings settings) {
    return SHARED.computeIfAbsent(
        new Address(settings.urls(), settings.client()), SchemaRegistry::new);
  }

  /**
   * The Avro schema with this id.
   *
   * @throws UndecodableRecordException when the registry answers that there is none, or that it is
   *     not an Avro schema
   * @throws RegistryUnavailableException when it does not answer
   */
  Schema schemaById(int id, String topic) {
    try {
      Object schema = ask("read schema " + id, () -> client.getSchemaById(id).rawSchema());
      if (schema instanceof Schema avro) {
        return avro;
      }
      throw new UndecodableRecordException(
          "Topic " + topic + ": schema " + id + " in " + urls + " is not an Avro schema.");
    } catch (RestClientException answer) {
      throw new UndecodableRecordException(
          "Topic %s: the registry %s has no schema %d (%s). Either the producer used another registry, or the bytes are not in the Confluent wire format."
              .formatted(topic, urls, id, answer.getMessage()),
          answer);
    } catch (NotAvro answer) {
      throw new UndecodableRecordException(
          "Topic %s: schema %d in %s is not an Avro schema (%s)."
              .formatted(topic, id, urls, answer.getMessage()),
          answer);
    }
  }

  /**
   * The id under which the schema stands at the subject.
   *
   * @throws SchemaNotRegisteredException when it does not stand there
   * @throws RegistryUnavailableException when the registry does not answer
   */
  int idOf(String subject, Schema schema) {
    try {
      return ask("look up " + subject, () -> client.getId(subject, new AvroSchema(schema)));
    } catch (RestClientException | NotAvro answer) {
      throw new SchemaNotRegisteredException(
          "%s is not registered under subject %s in %s (%s). Register it with 'fuseline topics create', or set %s=true where that is wanted."
              .formatted(
                  schema.getFullName(),
                  subject,
                  urls,
                  answer.getMessage(),
                  RegistrySettings.AUTO_REGISTER_SCHEMAS),
          answer);
    }
  }

  /**
   * Registers the schema under the subject; the id it has already when it is there.
   *
   * @throws SchemaNotRegisteredException when the registry refuses it
   * @throws RegistryUnavailableException when the registry does not answer
   */
  int register(String subject, Schema schema) {
    try {
      return ask("register " + subject, () -> client.register(subject, new AvroSchema(schema)));
    } catch (RestClientException | NotAvro answer) {
      throw new SchemaNotRegisteredException(
          "The registry %s refuses %s under subject %s: %s. A new version must be able to read every earlier one: give added fields a default, and do not rename or retype."
              .formatted(urls, schema.getFullName(), subject, answer.getMessage()),
          answer);
    }
  }

  /**
   * Sets the compatibility level of the subject.
   *
   * @return false when the registry has no such subject yet and wants one first
   * @throws RegistryUnavailableException when the registry does not answer
   */
  boolean requireCompatibility(String subject, String level) {
    try {
      ask("set compatibility of " + subject, () -> client.updateCompatibility(subject, level));
      return true;
    } catch (RestClientException answer) {
      if (answer.getStatus() == 404) {
        return false;
      }
      throw new SchemaNotRegisteredException(
          "The registry %s refuses compatibility %s for subject %s: %s."
              .formatted(urls, level, subject, answer.getMessage()),
          answer);
    } catch (NotAvro answer) {
      throw new IllegalStateException(answer);
    }
  }

  private <R> R ask(String what, Question<R> question) throws RestClientException, NotAvro {
    for (int attempt = 0; ; attempt++) {
      Exception failure;
      try {
        return question.put();
      } catch (RestClientException answer) {
        if (isAnswer(answer)) {
          throw answer;
        }
        if (!isPassing(answer)) {
          throw unavailable(what, attempt + 1, answer);
        }
        failure = answer;
      } catch (IOException noAnswer) {
        // The client has no other word for a schema of a type it cannot parse.
        if (noAnswer.getMessage() != null && noAnswer.getMessage().startsWith("Invalid schema")) {
          throw new NotAvro(noAnswer);
        }
        failure = noAnswer;
      }
      if (attempt == BACKOFF_MS.length) {
        throw unavailable(what, attempt + 1, failure);
      }
      pause(BACKOFF_MS[attempt]);
    }
  }

  /** A page not found by something that is no registry has none of these codes. */
  private static boolean isAnswer(RestClientException failure) {
    return switch (failure.getStatus()) {
      case 409, 422 -> true;
      case 404 ->
          failure.getErrorCode() == SUBJECT_NOT_FOUND
              || failure.getErrorCode() == VERSION_NOT_FOUND
              || failure.getErrorCode() == SCHEMA_NOT_FOUND;
      default -> false;
    };
  }

  private static boolean isPassing(RestClientException failure) {
    return failure.getStatus() >= 500 || failure.getStatus() == 429 || failure.getStatus() == 408;
  }

  private RegistryUnavailableException unavailable(String what, int attempts, Exception cause) {
    return new RegistryUnavailableException(
        "Could not %s at the registry %s after %d attempt(s): %s. Check that %s is right, that the registry runs, and that it accepts our credentials."
            .formatted(what, urls, attempts, cause, RegistrySettings.SCHEMA_REGISTRY_URL),
        cause);
  }

  private static String withoutCredentials(String url) {
    return url.replaceFirst("//[^/]*@", "//");
  }

  private static void pause(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException stop) {
      throw new InterruptException(stop);
    }
  }

  private interface Question<R> {
    R put() throws IOException, RestClientException;
  }

  private record Address(List<String> urls, Map<String, Object> client) {}

  private static final class NotAvro extends Exception {
    private static final long serialVersionUID = 1L;

    NotAvro(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
