package io.lingtan.agent.command;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.trace.TraceForm;
import io.lingtan.agent.status.trace.Tracer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lingtan explain}: one figure as a tree, read from the journal on this machine. */
@Command(
    name = "explain",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Shows where a figure comes from: factor, source, registers, samples.",
    footer = {
      "",
      "Reads the journal beside a running agent, or without one. The same over HTTP:",
      "  curl 'http://GATEWAY:8080/api/explain?seq=SEQ&metric=NAME&form=text'",
      "",
      "Exit codes: 0 good, 1 there is no such record or figure, 2 wrong usage or configuration."
    })
public final class ExplainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(names = "--config", required = true, paramLabel = "site.yaml", description = "The site.")
  private Path config;

  @Option(
      names = "--epoch",
      paramLabel = "ID",
      defaultValue = "",
      description = "Epoch of the record; without it the newest that has the number.")
  private String epoch;

  @Option(names = "--json", description = "The tree as one line of JSON.")
  private boolean json;

  @Parameters(index = "0", paramLabel = "SEQ", description = "Number of an interval record.")
  private long seq;

  @Parameters(index = "1", paramLabel = "METRIC", description = "Such as co2.total.")
  private String metric;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    Site site = SiteFile.load(config, System.err);
    if (site == null) {
      return ExitCode.WRONG_USAGE;
    }
    SystemTime time = new SystemTime(site.clock().trust());
    try (History history = History.readOnly(site.journal().path(), time, Randomness.system())) {
      return switch (new Tracer(site, SiteFigures.LISTED, history).explain(epoch, seq, metric)) {
        case Tracer.Answer.Unknown(String why) -> {
          err.println(ForeignText.line(why));
          yield ExitCode.FAILED;
        }
        case Tracer.Answer.Explained explained -> {
          PrintWriter out = spec.commandLine().getOut();
          if (json) {
            out.println(TraceForm.json(explained.trace()));
          } else {
            out.print(TraceForm.text(explained.trace()));
          }
          out.flush();
          yield ExitCode.GOOD;
        }
      };
    } catch (JournalUnavailable e) {
      err.println(ForeignText.line(String.valueOf(e.getMessage())));
      return ExitCode.FAILED;
    }
  }
}
