package io.fuseline.stream.topology;

/** What is judged with a root run: its spans and what it achieved. */
sealed interface RunInput permits Arrival, OutcomeArrival {}
