package io.fuseline.alerting.client;

import io.fuseline.schemas.serde.RegistrySettings;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;

/** What the Kafka clients and the registry client are configured with alike. */
final class ClientConfig {
  private ClientConfig() {}

  static Map<String, Object> kafka(KillSwitchSettings settings) {
    var config = new HashMap<String, Object>(settings.clientProperties());
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    return config;
  }

  static Map<String, Object> registry(KillSwitchSettings settings) {
    var config = new HashMap<String, Object>(settings.clientProperties());
    config.put(RegistrySettings.SCHEMA_REGISTRY_URL, settings.registryUrl());
    return config;
  }
}
