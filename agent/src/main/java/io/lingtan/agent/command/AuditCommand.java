package io.lingtan.agent.command;

import io.lingtan.agent.audit.AuditReport;
import io.lingtan.agent.audit.AuditStep;
import io.lingtan.agent.audit.Duties;
import io.lingtan.agent.audit.GatewayReport.Link;
import io.lingtan.agent.audit.LiveLines;
import io.lingtan.agent.audit.archive.ArchivePlace;
import io.lingtan.agent.audit.link.BrokerAddress;
import io.lingtan.agent.audit.link.Subscription;
import io.lingtan.agent.audit.link.Trouble;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code lingtan audit}: subscribes as anybody may and reports whether everything arrived. Runs on
 * the caller's thread until it is done or the process is asked to end.
 */
@Command(
    name = "audit",
    sortOptions = false,
    description = "Subscribes to gateways and reports whether everything arrived.",
    footer = {
      "",
      "The broker keeps what comes while this audit is away, under its client id; with --state it",
      "also remembers what it has seen. Without both it judges only what is published from now on.",
      "A broker that limits its queues (mosquitto: max_queued_messages) can lose messages for a",
      "subscriber that is away: that too is reported as missing.",
      "",
      "--repair asks each gateway for what is missing (lingtan/v1/GW/cmd/replay; the answer comes"
          + " on",
      "lingtan/v1/GW/reply/replay/CLIENT-ID) and for what it delivered while nobody listened here."
          + " It",
      "asks again where the answer stays away, at most 4 times, and then says of what is still"
          + " missing",
      "whether it is gone, was refused or was not answered. It ends when there is nothing more to"
          + " ask",
      "for; with --follow it goes on.",
      "",
      "--archive keeps each record byte for byte: FILE.ndjson has a line {\"gateway\",\"record\"}"
          + " for each,",
      "FILE.db a table record (gateway, epoch, seq, stream, ts, json) with one row for each key,"
          + " and",
      "postgresql://USER@HOST/DATABASE the table of config/central/postgres.sql, made where it is",
      "missing; the password goes to ~/.pgpass, and Debian's libpostgresql-jdbc-java has the"
          + " driver.",
      "",
      "The last line begins with the verdict: COMPLETE; OPEN, something is on its way;",
      "PARTIAL, complete as far as judged; UNKNOWN, nothing to judge by; FAILED.",
      "An audit that ends asks each gateway what it has by then (lingtan/v1/GW/cmd/ping).",
      "Who may not publish that waits for what gateways say each minute: --wait 75s.",
      "",
      "Exit codes: 0 nothing is missing, 1 something is or was not judged, 2 wrong usage."
    })
public final class AuditCommand implements Callable<Integer> {

  private static final long SETTLE_NANOS = 1_000_000_000L;
  private static final long REPORT_NANOS = 1_000_000_000L;
  private static final long LONGEST_WAIT_NANOS = 200_000_000L;
  private static final int SHUTDOWN_SECONDS = 10;

  private final Time time;
  private final RandomGenerator random;
  private final Consumer<Runnable> atShutdown;
  private final IntConsumer halt;
  private final CountDownLatch reported = new CountDownLatch(1);
  private volatile boolean stopping;
  private volatile int exit = ExitCode.FAILED;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and end.")
  @SuppressWarnings("UnusedVariable") // read by picocli
  private boolean help;

  @Mixin private BrokerOptions broker;

  @Option(names = "--gateway", paramLabel = "ID", description = "Only this one; all without it.")
  private @Nullable String gateway;

  @Option(
      names = "--once",
      description = "End as soon as every gateway has said what it has and nothing is in transit.")
  private boolean once;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = DurationConverter.class,
      description = {
        "With --once: end after this long all the same (default ${DEFAULT-VALUE}).",
        "With --repair: so long after the last that it could do."
      })
  private Duration wait;

  @Option(names = "--repair", description = "Ask gateways for what is missing, then end.")
  private boolean repair;

  @Option(names = "--follow", description = "With --repair: do not end.")
  private boolean follow;

  @Option(
      names = "--all",
      description = "With --repair: also for what was delivered before this audit ever listened.")
  private boolean all;

  @Option(
      names = "--since-listening",
      description = "Leave out what was delivered before this audit ever listened.")
  private boolean sinceListening;

  @Option(
      names = "--archive",
      paramLabel = "PLACE",
      description =
          "Keep the records that come: FILE.ndjson, FILE.db (SQLite) or"
              + " postgresql://USER@HOST/DATABASE.")
  private @Nullable String archive;

  @Option(
      names = "--archive-driver",
      paramLabel = "FILE",
      description = "PostgreSQL's JDBC driver (/usr/share/java/postgresql.jar).")
  private @Nullable Path archiveDriver;

  @Option(
      names = "--archive-size",
      paramLabel = "SIZE",
      defaultValue = "256MB",
      converter = SizeConverter.class,
      description =
          "At this size FILE.ndjson is put aside as FILE.1.ndjson and so on (${DEFAULT-VALUE}).")
  private long archiveSize;

  @Option(names = "--json", description = "The report as one line of JSON.")
  private boolean json;

  @Option(
      names = "--state",
      paramLabel = "FILE",
      description = "Remember here what was seen, and go on from there.")
  private @Nullable Path state;

  @Option(
      names = "--client-id",
      paramLabel = "ID",
      description = "Under which the broker keeps what comes meanwhile (lingtan-audit-THIS_HOST).")
  private @Nullable String clientId;

  @Option(
      names = "--no-session",
      description = "Leave nothing at the broker; judge only what comes while connected.")
  private boolean noSession;

  /**
   * @param atShutdown told what to run when the process is asked to end, such as at Ctrl-C
   */
  public AuditCommand(Time time, RandomGenerator random, Consumer<Runnable> atShutdown) {
    this(time, random, atShutdown, Runtime.getRuntime()::halt);
  }

  /**
   * @param halt ends the process with an exit code when the report is out
   */
  public AuditCommand(
      Time time, RandomGenerator random, Consumer<Runnable> atShutdown, IntConsumer halt) {
    this.time = time;
    this.random = random;
    this.atShutdown = atShutdown;
    this.halt = halt;
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    AuditStep step;
    try {
      step = open();
    } catch (IOException e) {
      err.println(ForeignText.line(String.valueOf(e.getMessage())));
      return ExitCode.FAILED;
    }
    atShutdown.accept(this::stop);
    try {
      exit = ends() ? once(step, err) : follow(step, err);
    } finally {
      spec.commandLine().getOut().flush();
      err.flush();
      reported.countDown();
    }
    return exit;
  }

  private boolean ends() {
    return once || (repair && !follow);
  }

  /** On the thread that ends the process: lets the report be printed, and its exit code count. */
  private void stop() {
    if (reported.getCount() == 0) {
      return;
    }
    stopping = true;
    try {
      if (reported.await(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
        halt.accept(exit);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private AuditStep open() throws IOException {
    BrokerAddress address = broker.address();
    if (gateway != null && !ForeignText.isGateway(gateway)) {
      throw new ParameterException(
          spec.commandLine(), "--gateway: " + gateway + " is no id of a gateway");
    }
    if (noSession && state != null) {
      throw new ParameterException(
          spec.commandLine(), "--state needs the broker's session: leave out --no-session");
    }
    Subscription subscription =
        new Subscription(
            address,
            gateway,
            clientId == null ? defaultClientId(gateway) : clientId,
            broker.user(),
            broker.password(),
            broker.identity(),
            state,
            !noSession);
    return AuditStep.open(subscription, duties(), time, random);
  }

  private Duties duties() {
    if ((all || follow) && !repair) {
      throw new ParameterException(spec.commandLine(), "--all and --follow belong to --repair");
    }
    if (all && sinceListening) {
      throw new ParameterException(
          spec.commandLine(), "--all asks for what --since-listening leaves out");
    }
    if (once && follow) {
      throw new ParameterException(spec.commandLine(), "--once ends and --follow does not");
    }
    try {
      return new Duties(
          repair,
          all,
          archive == null ? null : new ArchivePlace(archive, archiveSize, archiveDriver),
          ends(),
          sinceListening);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--archive: " + e.getMessage(), e);
    }
  }

  private static String defaultClientId(@Nullable String gateway) throws IOException {
    String host =
        Files.readString(Path.of("/proc/sys/kernel/hostname"), StandardCharsets.UTF_8)
            .strip()
            .replaceAll("[^A-Za-z0-9_-]", "-");
    // The subscription is part of the session, so that each needs a session of its own.
    return "lingtan-audit-" + host + (gateway == null ? "" : "-" + gateway);
  }

  private int once(AuditStep step, PrintWriter err) {
    MonotonicInstant end = time.now().plus(wait);
    Complaints complaints = new Complaints(step, err);
    boolean wasFollowing = false;
    while (!stopping) {
      MonotonicInstant now = time.now();
      int taken = step.step(now);
      complaints.print();
      wasFollowing |= step.followingSince() != null;
      Trouble trouble = step.trouble();
      if (step.isRepairing()) {
        end = now.plus(wait);
      }
      if (!now.isBefore(end)
          || (trouble != null && trouble.hopeless())
          || (step.isQuiet(now)
              && isSettled(step, now)
              && !step.awaitsWords()
              && !step.hopesForMore(now))) {
        break;
      }
      rest(step, taken);
    }
    step.close();
    if (!wasFollowing) {
      err.println("nothing could be judged without a connection");
      return ExitCode.FAILED;
    }
    return print(step);
  }

  /** Whether every gateway has said since the subscription what it has, and all of that is here. */
  private boolean isSettled(AuditStep step, MonotonicInstant now) {
    MonotonicInstant since = step.followingSince();
    if (since == null || now.nanosSince(since) < SETTLE_NANOS || !step.hasKeptStores()) {
      return false;
    }
    AuditReport report = step.report(now);
    return !report.gateways().isEmpty()
        && report.gateways().stream()
            .allMatch(heard -> heard.inTransit() == 0 || heard.link() == Link.OFFLINE);
  }

  private int follow(AuditStep step, PrintWriter err) {
    LiveLines lines =
        new LiveLines(
            line -> {
              if (!json) {
                spec.commandLine().getOut().println(line);
                spec.commandLine().getOut().flush();
              }
            });
    Complaints complaints = new Complaints(step, err);
    MonotonicInstant next = time.now();
    while (!stopping) {
      MonotonicInstant now = time.now();
      int taken = step.step(now);
      complaints.print();
      Trouble trouble = step.trouble();
      if (trouble != null && trouble.hopeless()) {
        break;
      }
      if (!now.isBefore(next)) {
        lines.show(step.report(now));
        next = now.plusNanos(REPORT_NANOS);
      }
      rest(step, taken);
    }
    Trouble trouble = step.trouble();
    step.close();
    int code = print(step);
    return trouble != null && trouble.hopeless() ? ExitCode.FAILED : code;
  }

  private void rest(AuditStep step, int taken) {
    long wait = step.due().nanosSince(time.now());
    if (taken == 0 && wait > 0) {
      step.waiter().await(Math.min(wait, LONGEST_WAIT_NANOS));
    }
  }

  private int print(AuditStep step) {
    AuditReport report = step.report(time.now());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(report.json());
    } else {
      out.print(report.text());
    }
    return report.verdict().isGood() ? ExitCode.GOOD : ExitCode.FAILED;
  }

  /** Says each trouble when it begins, and when it is over. */
  private static final class Complaints {
    private final AuditStep step;
    private final PrintWriter err;
    private String said = "";
    private String saidOfFile = "";

    Complaints(AuditStep step, PrintWriter err) {
      this.step = step;
      this.err = err;
    }

    void print() {
      Trouble trouble = step.trouble();
      String message = trouble == null ? "" : trouble.message();
      if (!message.equals(said)) {
        boolean retried = trouble != null && !trouble.hopeless();
        err.println(
            trouble == null
                ? "connected"
                : ForeignText.line(message) + (retried ? "; trying again" : ""));
        err.flush();
        said = message;
      }
      String ofFile = step.saveTrouble() == null ? "" : step.saveTrouble();
      if (!ofFile.equals(saidOfFile)) {
        err.println(
            ofFile.isEmpty() ? "the state file can be written again" : ForeignText.line(ofFile));
        err.flush();
        saidOfFile = ofFile;
      }
    }
  }

  /** Reads {@code 64MB} or {@code 2GB}. */
  static final class SizeConverter implements ITypeConverter<Long> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})(kB|MB|GB)");

    @Override
    public Long convert(String value) {
      Matcher matcher = FORM.matcher(value);
      if (!matcher.matches()) {
        throw new TypeConversionException(value + " is no size: write 64MB or 2GB");
      }
      long number = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "kB" -> number * 1_000;
        case "MB" -> number * 1_000_000;
        default -> number * 1_000_000_000;
      };
    }
  }

  /** Reads {@code 500ms}, {@code 30s}, {@code 15m}, {@code 1h} or {@code 2d}. */
  static final class DurationConverter implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    @Override
    public Duration convert(String value) {
      Matcher matcher = FORM.matcher(value);
      if (!matcher.matches()) {
        throw new TypeConversionException(value + " is no time: write 500ms, 30s, 15m, 1h or 2d");
      }
      long number = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "ms" -> Duration.ofMillis(number);
        case "s" -> Duration.ofSeconds(number);
        case "m" -> Duration.ofMinutes(number);
        case "h" -> Duration.ofHours(number);
        default -> Duration.ofDays(number);
      };
    }
  }
}
