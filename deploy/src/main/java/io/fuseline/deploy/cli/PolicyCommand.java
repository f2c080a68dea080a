package io.fuseline.deploy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "policy",
    description = "Policies: YAML files in, checked policies on the cluster.",
    subcommands = {PolicyValidateCommand.class, PolicyApplyCommand.class})
final class PolicyCommand {}
