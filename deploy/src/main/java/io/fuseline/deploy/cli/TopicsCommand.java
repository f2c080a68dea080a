package io.fuseline.deploy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "topics",
    description = "The topics of a deployment.",
    subcommands = TopicsCreateCommand.class)
final class TopicsCommand {}
