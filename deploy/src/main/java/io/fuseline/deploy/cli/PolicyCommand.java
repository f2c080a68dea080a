package io.fuseline.deploy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "policy",
    description = "Policies: YAML files in, checked policies on the cluster.",
    subcommands = {
      PolicyValidateCommand.class,
      PolicyTestCommand.class,
      PolicyDiffCommand.class,
      PolicyBacktestCommand.class,
      PolicyApplyCommand.class,
      PolicyListCommand.class,
      PolicyShowCommand.class,
      PolicyRaiseCommand.class,
      PolicyPresetsCommand.class,
      PolicyImportCommand.class
    })
final class PolicyCommand {}
