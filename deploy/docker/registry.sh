#!/usr/bin/env bash
# Apicurio Registry with Confluent's API at http://HOST:8081/apis/ccompat/v7.
set -euo pipefail

export QUARKUS_HTTP_HOST=0.0.0.0 QUARKUS_HTTP_PORT=8081
export QUARKUS_DATASOURCE_JDBC_URL="jdbc:h2:file:/var/lib/registry/schemas;WRITE_DELAY=0"
exec java -Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -jar /opt/registry/*-runner.jar
