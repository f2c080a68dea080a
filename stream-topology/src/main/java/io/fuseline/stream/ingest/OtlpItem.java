package io.fuseline.stream.ingest;

import com.google.protobuf.Message;
import java.util.function.Supplier;

/**
 * One span or event of a batch.
 *
 * @param source as the normaliser takes it
 * @param original makes a batch of it alone, with its resource and scope
 */
record OtlpItem<T>(T source, Supplier<Message> original) {}
