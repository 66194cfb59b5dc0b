package io.lingtan.agent.command;

import io.lingtan.agent.desk.FieldJson;
import io.lingtan.agent.desk.FieldWork;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Line;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lingtan scan}: who answers on a line, what it may be, and the YAML for it. */
@Command(
    name = "scan",
    sortOptions = false,
    description = {
      "Looks who answers on a line, what it may be, and prints the YAML for the site file.",
      "It only reads. Where a running agent has the line it is asked to look between its polls."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "lingtan scan --port /dev/ttyUSB0 --baud 9600",
      "lingtan scan --port /dev/ttyUSB0 --sweep --units 1-10",
      "lingtan scan --host 192.168.1.20 --units 1-20",
      "lingtan scan --config site.yaml --line rs485-1",
      "",
      "Exit codes: 0 somebody answers, 1 nobody does or the line cannot be used, 2 wrong usage."
    })
public final class ScanCommand implements Callable<Integer> {

  private static final int BAR = 20;

  private final Time time;
  private final Path processes;
  private final boolean terminal;

  @Spec private CommandSpec spec;

  @Mixin private LineOptions line;

  @Option(
      names = "--units",
      paramLabel = "A-B",
      defaultValue = "1-247",
      description = "Modbus unit ids to try (default ${DEFAULT-VALUE}); none for no Modbus.")
  private String units;

  @Option(
      names = "--no-dlt645",
      description =
          "Do not look for DL/T 645, CJ/T 188 and M-Bus meters, which serial lines may have.")
  private boolean noMeters;

  @Option(
      names = "--sweep",
      arity = "0..1",
      paramLabel = "FORMS",
      fallbackValue = FieldWork.USUAL_FORMS,
      description =
          "Try speeds and parities, until somebody answers: the usual ones, or such as"
              + " \"9600N1 2400E1\".")
  private @Nullable String sweep;

  @Option(
      names = "--thorough",
      description = "Ask silent units further questions: some devices answer only their own.")
  private boolean thorough;

  private boolean overTcp;
  private int found;
  private int shown;

  /**
   * @param terminal whether a person looks on, who is shown a bar
   * @param processes where agents are looked for, {@code /proc}
   */
  public ScanCommand(Time time, boolean terminal, Path processes) {
    this.time = time;
    this.processes = processes;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    Map<String, String> wanted = new LinkedHashMap<>();
    try {
      range(wanted);
      if (noMeters) {
        wanted.put("meters", "false");
      }
      if (thorough) {
        wanted.put("thorough", "true");
      }
      if (sweep != null) {
        wanted.put("sweep", sweep);
      }
      Integer timeout = line.timeoutMillis();
      if (timeout != null) {
        wanted.put("timeout_ms", timeout.toString());
      }
      LineOptions.Chosen chosen = line.choose(null);
      if (chosen == null) {
        return ExitCode.WRONG_USAGE;
      }
      overTcp = chosen.line() instanceof Line.ModbusTcp;
      int exit =
          line.run(
              chosen,
              "/api/scan",
              wanted,
              work -> work.scan(wanted, left -> {}),
              time,
              processes,
              this::show,
              err::println);
      return exit == ExitCode.GOOD && found == 0 ? ExitCode.FAILED : exit;
    } catch (LineOptions.WrongUsage | IllegalArgumentException e) {
      err.println("lingtan scan: " + e.getMessage());
      return ExitCode.WRONG_USAGE;
    }
  }

  private void range(Map<String, String> wanted) {
    if (units.equals("none")) {
      wanted.put("from", "1");
      wanted.put("to", "0");
      return;
    }
    if (!units.matches("[0-9]{1,3}(-[0-9]{1,3})?")) {
      throw new LineOptions.WrongUsage("--units is such as 1-247 or 5, was " + units);
    }
    String[] ends = units.split("-");
    wanted.put("from", ends[0]);
    wanted.put("to", ends[ends.length - 1]);
  }

  private void show(String told) {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, String> members = new LinkedHashMap<>();
    FieldJson.members(told).forEach(each -> members.put(each.getKey(), each.getValue()));
    String kind = members.getOrDefault("kind", "");
    // A CoAP server lists all that it has at once.
    if (kind.equals("found") || kind.equals("read")) {
      found++;
    }
    if (line.isJson()) {
      out.println(told);
      out.flush();
      return;
    }
    switch (kind) {
      case "progress" -> bar(members);
      case "read" -> {
        out.print(members.get("text"));
        out.flush();
      }
      case "found", "note" -> {
        wipe();
        out.println(members.get("text"));
        out.flush();
      }
      case "done" -> {
        wipe();
        String problem = members.get("problem");
        if (problem != null) {
          spec.commandLine().getErr().println("lingtan scan: " + problem);
        }
        if (found > 0) {
          out.println();
          out.print(members.get("yaml"));
        } else if (problem == null) {
          out.println(
              overTcp
                  ? "nobody answers. Are the unit ids right, and is this a Modbus TCP server? A"
                      + " serial server that passes on RTU frames is scanned with --rtu"
                  : "nobody answers. Are A and B the right way round, is the unit switched on, and"
                      + " are speed and parity right? --sweep tries the usual ones");
        }
        out.flush();
      }
      default -> {}
    }
  }

  /** On a terminal only: elsewhere it would be a long file of bars. */
  private void bar(Map<String, String> members) {
    if (!terminal) {
      return;
    }
    int done = Integer.parseInt(members.getOrDefault("done", "0"));
    int total = Math.max(1, Integer.parseInt(members.getOrDefault("total", "1")));
    long left = Long.parseLong(members.getOrDefault("left_ms", "-1"));
    int full = BAR * done / total;
    String text =
        String.format(
            Locale.ROOT,
            "\r[%s%s] %3d %%  %s%s",
            "#".repeat(full),
            ".".repeat(BAR - full),
            100 * done / total,
            members.getOrDefault("what", ""),
            left < 0 ? "" : ", " + words(left) + " left");
    wipe();
    PrintWriter err = spec.commandLine().getErr();
    err.print(text);
    err.flush();
    shown = text.length();
  }

  private void wipe() {
    if (shown > 0) {
      PrintWriter err = spec.commandLine().getErr();
      err.print("\r" + " ".repeat(shown) + "\r");
      err.flush();
      shown = 0;
    }
  }

  private static String words(long millis) {
    long seconds = (millis + 999) / 1000;
    return seconds < 60 ? seconds + " s" : seconds / 60 + " min " + seconds % 60 + " s";
  }
}
