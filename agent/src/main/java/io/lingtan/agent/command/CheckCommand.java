package io.lingtan.agent.command;

import io.lingtan.agent.acquire.poll.ReadPlan;
import io.lingtan.agent.acquire.poll.ReadPlan.Request;
import io.lingtan.agent.acquire.poll.ReadPlan.Round;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.command.trial.CardUse;
import io.lingtan.agent.desk.Air;
import io.lingtan.agent.desk.CheckFinding;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.BillTerms;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.share.Network;
import io.lingtan.agent.site.share.Share;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.status.report.Forms;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lingtan check}: everything that is wrong with a site file, and how it will read. */
@Command(
    name = "check",
    description =
        "All problems of a site file at once, with line and column; and how it will read.",
    mixinStandardHelpOptions = true)
public final class CheckCommand implements Callable<Integer> {

  private static final double MEGABYTE = 1e6;

  private static final Logger LOG = Logger.getLogger("io.lingtan");

  private final Path processes;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "site.yaml", description = "The site file.")
  private Path file;

  @Option(
      names = "--here",
      description =
          "Also try this machine: ports and who may use them, inputs, clock, room, page, broker"
              + " and what it allows.")
  private boolean here;

  @Option(
      names = "--json",
      description =
          "One line of JSON in place of all that: problems, lines, and with --here this machine.")
  private boolean json;

  public CheckCommand() {
    this(AgentHere.PROCESSES);
  }

  /**
   * @param processes where agents are looked for, {@code /proc}
   */
  public CheckCommand(Path processes) {
    this.processes = processes;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (json) {
      return callJson();
    }
    Site site = SiteFile.load(file, System.err);
    if (site == null) {
      return ExitCode.WRONG_USAGE;
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s: good. Gateway %s, %d lines, %d devices, %d meters.%n",
        file,
        site.gateway(),
        site.lines().size(),
        site.devices().size(),
        site.metering().meters().size());
    tariff(out, site);
    BillTerms bill = site.bill();
    if (bill != null) {
      out.printf("bill: prices of %s%n", bill.months());
    }
    for (Line line : site.lines()) {
      if (line.isPolled()) {
        show(out, ReadPlan.of(line));
        converter(out, line);
        share(out, line);
      }
    }
    if (Air.isForetold(site)) {
      List<String> without = Air.without(site);
      out.printf(
          Locale.ROOT,
          "air: %.0f MB of MQTT in 30 days%s; TCP and TLS come on top%n",
          Air.bytesPerMonth(site) / MEGABYTE,
          without.isEmpty() ? "" : ", without lines " + String.join(", ", without));
    } else if (site.mqtt().isConfigured()) {
      out.println("air: not foretold with mqtt.batch, mqtt.state or mqtt.views");
    }
    card(out, site);
    return here ? tryHere(out, site) : ExitCode.GOOD;
  }

  private void card(PrintWriter out, Site site) {
    CardOutlook card = CardOutlook.of(site, here);
    CardUse use = card.use();
    if (use == null) {
      out.println("card and days offline: " + card.why());
      return;
    }
    out.printf(
        Locale.ROOT,
        "card: %.0f MB a day in blocks of 4 KiB, by %d s of made-up readings through a journal;"
            + " what the file system writes for itself comes on top%n",
        use.bytesPerDay() / MEGABYTE,
        use.measured().toSeconds());
    out.printf(
        Locale.ROOT,
        "days offline: %.1f until unsent records are dropped, %.1f MB a day in %.0f MB (%s)%n",
        card.days(),
        use.growthPerDay() / MEGABYTE,
        card.roomBytes() / MEGABYTE,
        card.limit());
  }

  private int callJson() throws InterruptedException {
    // What is wrong is said once, here.
    LOG.setLevel(Level.OFF);
    Loaded loaded = new SiteLoader().load(file);
    List<Problem> problems = new ArrayList<>(loaded.problems());
    if (loaded.site() != null) {
      problems.addAll(new Forms(loaded.site(), SiteFigures.LISTED).problems());
    }
    boolean wrong = problems.stream().anyMatch(one -> one.severity() == Problem.Severity.ERROR);
    Site site = wrong ? null : loaded.site();
    List<CheckFinding> findings = here && site != null ? HereCheck.of(site, processes).run() : null;
    CardOutlook card = site == null ? null : CardOutlook.of(site, here);
    spec.commandLine().getOut().println(CheckJson.of(problems, site, card, findings));
    if (site == null) {
      return ExitCode.WRONG_USAGE;
    }
    return findings != null
            && findings.stream().anyMatch(one -> one.mark() == CheckFinding.Mark.BAD)
        ? ExitCode.FAILED
        : ExitCode.GOOD;
  }

  /** A list of periods or holidays has an end, of which it is good to know before. */
  private static void tariff(PrintWriter out, Site site) {
    Tariff tariff = site.metering().tariff();
    if (tariff == null) {
      return;
    }
    Time time = new SystemTime(site.clock().trust());
    Instant now = Instant.ofEpochMilli(time.wall().millisAt(time.now()));
    LocalDate today = LocalDate.ofInstant(now, site.place().zone());
    LocalDate last = tariff.on(today).lastDay(site.metering().tariffExtras());
    if (last != null) {
      out.printf(
          "tariff %s: tells periods up to %s; config.tariff_ends is told 60 days before%n",
          tariff.on(last).name(), last);
    }
  }

  /** Which kind of gateway it is cannot be seen from here, and no value tells. */
  private static void converter(PrintWriter out, Line line) {
    if (line instanceof Line.ModbusTcp tcp
        && !tcp.relabels()
        && tcp.parallel() == 1
        && tcp.devices().stream().mapToInt(Device::unit).distinct().count() > 1) {
      out.println(
          "  several units behind one address: if the gateway hands an answer that comes late to"
              + " the next request,");
      out.println("    write transaction_ids: relabelled, or a late answer is a wrong value");
    }
  }

  private static void share(PrintWriter out, Line line) {
    Share share = line.share();
    if (share != null) {
      out.printf(
          "  shared: other masters may read it over Modbus TCP at %s, those of %s; they cannot"
              + " write%n",
          share.where(), String.join(", ", share.allow().stream().map(Network::toString).toList()));
    }
  }

  private int tryHere(PrintWriter out, Site site) throws InterruptedException {
    // What is wrong is said once, here.
    LOG.setLevel(Level.OFF);
    out.println("this machine:");
    out.flush();
    int bad = 0;
    for (CheckFinding finding : HereCheck.of(site, processes).run()) {
      out.println("  " + finding.text().replace("\n", "\n  "));
      bad += finding.mark() == CheckFinding.Mark.BAD ? 1 : 0;
    }
    out.println(
        switch (bad) {
          case 0 -> "nothing is in the way";
          case 1 -> "one thing is in the way";
          default -> bad + " things are in the way";
        });
    out.flush();
    return bad == 0 ? ExitCode.GOOD : ExitCode.FAILED;
  }

  private static void show(PrintWriter out, ReadPlan plan) {
    out.printf(
        Locale.ROOT,
        "line %s: in use %.1f %% of the time%n",
        plan.line(),
        plan.utilisationPercent());
    for (Round round : plan.rounds()) {
      out.printf(
          Locale.ROOT,
          "  %s every %s: %d requests, %.1f ms%s%n",
          round.device(),
          words(round.every()),
          round.requests().size(),
          millis(round.time()),
          round.assumed() ? " (the addresses are found at start)" : "");
      for (Request request : round.requests()) {
        out.printf(
            Locale.ROOT,
            "    %-16s  %6.1f ms  %d values%n",
            request.what(),
            millis(request.time()),
            request.points().size());
      }
    }
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }

  private static String words(Duration every) {
    return every.toMillis() % 1000 == 0 ? every.toSeconds() + " s" : every.toMillis() + " ms";
  }
}
