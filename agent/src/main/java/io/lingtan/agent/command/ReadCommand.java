package io.lingtan.agent.command;

import io.lingtan.agent.desk.FieldJson;
import io.lingtan.agent.run.Time;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lingtan read}: one device once, from the frames to its points. */
@Command(
    name = "read",
    sortOptions = false,
    description = {
      "Reads one device once: frames, registers, how each point is decoded.",
      "Where a running agent has the line it is asked to read between its polls."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "lingtan read --config site.yaml pv1",
      "lingtan read --port /dev/ttyUSB0 --unit 1 --profile eastron-sdm630",
      "lingtan read --host 192.168.1.20 --unit 1 --function 3 --address 40000 --count 10",
      "lingtan read --port /dev/ttyUSB0 --meter 000000123456 --item 00010000",
      "",
      "Exit codes: 0 it answered with a value, 1 it did not, 2 wrong usage."
    })
public final class ReadCommand implements Callable<Integer> {

  private final Time time;
  private final Path processes;

  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "DEVICE", description = "Id in the site file.")
  private @Nullable String device;

  @Mixin private LineOptions line;

  @Option(names = "--unit", paramLabel = "N", description = "Modbus unit id.")
  private @Nullable String unit;

  @Option(
      names = "--meter",
      paramLabel = "DIGITS",
      description = "DL/T 645 or CJ/T 188 address; of M-Bus mbus-5 or mbus-12345678.")
  private @Nullable String meter;

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      description = "Kind of meter; lingtan profiles lists them.")
  private @Nullable String profile;

  @Option(names = "--function", paramLabel = "N", description = "1 to 4 (3).")
  private @Nullable String function;

  @Option(
      names = "--address",
      paramLabel = "N",
      description = "First register on the wire, from 0; 0x for hexadecimal.")
  private @Nullable String address;

  @Option(names = "--count", paramLabel = "N", description = "Registers, 1 to 125 (1).")
  private @Nullable String count;

  @Option(names = "--item", paramLabel = "HEX", description = "Data item of such a meter.")
  private @Nullable String item;

  @Option(names = "--bytes", paramLabel = "N", description = "Length of the item's value (4).")
  private @Nullable String bytes;

  /**
   * @param processes where agents are looked for, {@code /proc}
   */
  public ReadCommand(Time time, Path processes) {
    this.time = time;
    this.processes = processes;
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    Map<String, String> wanted = new LinkedHashMap<>();
    put(wanted, "device", device);
    put(wanted, "unit", unit);
    put(wanted, "meter", meter);
    put(wanted, "profile", profile);
    put(wanted, "function", function);
    put(wanted, "address", address);
    put(wanted, "count", count);
    put(wanted, "item", item);
    put(wanted, "bytes", bytes);
    Integer timeout = line.timeoutMillis();
    put(wanted, "timeout_ms", timeout == null ? null : timeout.toString());
    try {
      boolean telegrams = meter != null && meter.startsWith("mbus-");
      if (device == null && profile == null && address == null && item == null && !telegrams) {
        throw new LineOptions.WrongUsage(
            "name a DEVICE of the site file, or a --profile, or an --address or --item to read, or"
                + " --meter mbus-5, which tells all its records");
      }
      refuseWhatSaysNothing();
      LineOptions.Chosen chosen = line.choose(device);
      if (chosen == null) {
        return ExitCode.WRONG_USAGE;
      }
      return line.run(
          chosen,
          "/api/read",
          wanted,
          work -> work.read(wanted),
          time,
          processes,
          this::show,
          err::println);
    } catch (LineOptions.WrongUsage | IllegalArgumentException e) {
      err.println("lingtan read: " + e.getMessage());
      return ExitCode.WRONG_USAGE;
    }
  }

  /** An option that would change nothing was meant to change something. */
  private void refuseWhatSaysNothing() {
    Map<String, @Nullable String> detail = new LinkedHashMap<>();
    detail.put("--function", function);
    detail.put("--address", address);
    detail.put("--count", count);
    detail.put("--item", item);
    detail.put("--bytes", bytes);
    if (device != null) {
      Map<String, @Nullable String> place = new LinkedHashMap<>();
      place.put("--unit", unit);
      place.put("--meter", meter);
      place.put("--profile", profile);
      refuse("beside a DEVICE, of which the site file says it", place);
      refuse("beside a DEVICE, which is read whole", detail);
    } else if (profile != null) {
      refuse("beside --profile, by which the device is read whole", detail);
    }
  }

  private static void refuse(String where, Map<String, @Nullable String> options) {
    options.forEach(
        (name, value) -> {
          if (value != null) {
            throw new LineOptions.WrongUsage(name + " has no meaning " + where);
          }
        });
  }

  private static void put(Map<String, String> to, String name, @Nullable String value) {
    if (value != null) {
      to.put(name, value);
    }
  }

  private void show(String told) {
    PrintWriter out = spec.commandLine().getOut();
    if (line.isJson()) {
      out.println(told);
    } else {
      for (Map.Entry<String, String> member : FieldJson.members(told)) {
        if (member.getKey().equals("text")) {
          out.print(
              member.getValue().endsWith("\n") ? member.getValue() : member.getValue() + "\n");
        }
      }
    }
    out.flush();
  }
}
