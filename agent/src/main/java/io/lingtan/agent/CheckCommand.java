package io.lingtan.agent;

import io.lingtan.agent.site.Site;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lingtan check}: everything that is wrong with a site file, at once. */
@Command(
    name = "check",
    description =
        "All problems of a site file at once, with line and column; and how it will read.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "site.yaml", description = "The site file.")
  private Path file;

  @Override
  public Integer call() {
    Site site = SiteFile.load(file, System.err);
    if (site == null) {
      return Main.WRONG_USAGE;
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s: good. Gateway %s, %d lines, %d devices, %d meters.%n",
        file,
        site.gateway(),
        site.lines().size(),
        site.devices().size(),
        site.metering().meters().size());
    return Main.GOOD;
  }
}
