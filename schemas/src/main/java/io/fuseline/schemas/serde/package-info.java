/**
 * Records to bytes and back, in the Confluent wire format, with schemas kept in a
 * Confluent-compatible registry.
 *
 * <p>Start with {@link io.fuseline.schemas.serde.AvroSerde} in Kafka Streams, and with {@link
 * io.fuseline.schemas.serde.AvroSerializer} and {@link io.fuseline.schemas.serde.AvroDeserializer}
 * in plain clients. {@link io.fuseline.schemas.serde.SchemaRegistration} puts the schemas into the
 * registry before the first record is written. Settings are named in {@link
 * io.fuseline.schemas.serde.RegistrySettings}.
 *
 * <p>Two failures are told apart, because they ask for opposite answers: {@link
 * io.fuseline.schemas.serde.UndecodableRecordException} is the record's fault (dead-letter it),
 * {@link io.fuseline.schemas.serde.RegistryUnavailableException} is not (stop or retry; skipping
 * would lose good records).
 */
package io.fuseline.schemas.serde;
