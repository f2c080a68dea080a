#!/usr/bin/env bash
# A broker with its own controller. Environment:
#   ADVERTISED_HOST   name under which containers of the same network reach it; default: the name of the container
#   HOST_ADDRESS      host:port under which the host reaches listener 9094; default localhost:9094
#   HOST_ADDRESS_FILE when set, wait for this file and take the address from it (a mapped port is known only after the start)
set -euo pipefail

data=/var/lib/broker
if [[ -n ${HOST_ADDRESS_FILE:-} ]]; then
  until [[ -s $HOST_ADDRESS_FILE ]]; do sleep 0.1; done
  HOST_ADDRESS=$(cat "$HOST_ADDRESS_FILE")
fi

cat >"$data/server.properties" <<SETTINGS
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://:9092,CONTROLLER://127.0.0.1:9093,HOST://:9094
advertised.listeners=PLAINTEXT://${ADVERTISED_HOST:-$(hostname)}:9092,CONTROLLER://127.0.0.1:9093,HOST://${HOST_ADDRESS:-localhost:9094}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,HOST:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:9093
log.dirs=$data/log
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
SETTINGS

run() {
  java "-Dlog4j2.configurationFile=/opt/broker/broker-log4j2.properties" -cp '/opt/broker/lib/*' "$@"
}

if [[ ! -f $data/log/meta.properties ]]; then
  run kafka.tools.StorageTool format --standalone --cluster-id "$(run kafka.tools.StorageTool random-uuid)" --config "$data/server.properties"
fi
exec java -Xmx512m -XX:+ExitOnOutOfMemoryError -Dlog4j2.configurationFile=/opt/broker/broker-log4j2.properties \
  -cp '/opt/broker/lib/*' kafka.Kafka "$data/server.properties"
