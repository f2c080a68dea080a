package io.fuseline.deploy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "prices",
    description = "The prices of models and tools on the cluster.",
    subcommands = {PricesImportCommand.class, PricesListCommand.class, PricesExplainCommand.class})
final class PricesCommand {}
