package io.fuseline.stream.ingest;

import io.fuseline.enrichment.normalise.SourceEvent;
import java.util.Map;

/** A log event and where it comes from. */
record SourceLog(
    SourceEvent event, Map<String, Object> resource, String scopeName, String scopeVersion) {}
