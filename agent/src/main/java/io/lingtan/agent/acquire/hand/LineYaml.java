package io.lingtan.agent.acquire.hand;

import io.lingtan.agent.acquire.plan.Identity;
import io.lingtan.agent.acquire.poll.Inquiries;
import io.lingtan.agent.acquire.poll.ReadPlan;
import io.lingtan.agent.reading.Inquiry.Form;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.Line;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Survey} has found as {@code lines:} of a site file, ready to be pasted: polled as
 * often as the line has time for, with the reasons as comments.
 */
public final class LineYaml {

  private static final List<Integer> PERIODS = List.of(1, 2, 5, 10, 30, 60);
  private static final double ROOM_PERCENT = 70;

  /** A weaker guess is only a comment. */
  private static final int LEAST_PERCENT = 50;

  private static final Form METER_FORM = new Form(2400, 'E', 1);

  private LineYaml() {}

  /**
   * The fragment.
   *
   * @param line as it was surveyed
   * @param profiles by name
   */
  public static String of(Line line, List<Find> finds, Map<String, DeviceProfile> profiles) {
    Form form = form(line, finds);
    Map<Find, List<Guess>> parts = new LinkedHashMap<>();
    List<Device> devices = new ArrayList<>(line.devices());
    for (Find find : finds) {
      List<Guess> chosen = chosen(find, profiles);
      parts.put(find, chosen);
      for (Guess guess : chosen) {
        DeviceProfile profile = profiles.get(guess.profile());
        if (profile != null) {
          devices.add(Fingerprint.device(profile, find.unit(), find.meter()));
        }
      }
    }
    int every = every(line, form, devices);
    StringBuilder text = new StringBuilder("lines:\n");
    text.append("  - id: ").append(line.id()).append('\n');
    text.append("    ").append(port(line, form)).append('\n');
    text.append("    devices:").append(devices.size() > line.devices().size() ? "\n" : " []\n");
    parts.forEach((find, chosen) -> append(text, find, chosen, every, form, profiles));
    return text.toString();
  }

  /** The first guess, and further ones that are parts of the same device under one unit. */
  private static List<Guess> chosen(Find find, Map<String, DeviceProfile> profiles) {
    List<Guess> chosen = new ArrayList<>();
    if (find.known() != null) {
      return chosen;
    }
    for (Guess guess : find.guesses()) {
      if (guess.percent() < LEAST_PERCENT) {
        break;
      }
      DeviceProfile profile = profiles.get(guess.profile());
      DeviceProfile first = chosen.isEmpty() ? null : profiles.get(chosen.getFirst().profile());
      if (profile != null && (first == null || (first.shares(profile) && isPart(guess)))) {
        chosen.add(guess);
      }
    }
    return chosen;
  }

  private static boolean isPart(Guess guess) {
    return guess.percent() >= 60;
  }

  private static @Nullable Form form(Line line, List<Find> finds) {
    for (Find find : finds) {
      if (find.form() != null && find.meter() == null) {
        return find.form();
      }
    }
    return line instanceof Line.Serial serial ? Survey.formOf(serial.format()) : null;
  }

  /** The shortest period that leaves the line room, in seconds. */
  private static int every(Line line, @Nullable Form form, List<Device> devices) {
    Line filled = spoken(line, form).asking(devices);
    double percent = devices.isEmpty() ? 0 : ReadPlan.of(filled).utilisationPercent();
    for (int seconds : PERIODS) {
      // All of them are taken at 1 s for the sum; a period divides it.
      if (percent / seconds <= ROOM_PERCENT) {
        return seconds;
      }
    }
    return PERIODS.getLast();
  }

  private static Line spoken(Line line, @Nullable Form form) {
    return form != null && line instanceof Line.Serial at
        ? new Line.Serial(
            at.id(),
            at.port(),
            Inquiries.formatOf(form),
            at.rs485(),
            at.echo(),
            at.timeout(),
            at.devices(),
            null)
        : line;
  }

  private static String port(Line line, @Nullable Form form) {
    return switch (line) {
      case Line.Serial serial ->
          "serial: {port: %s, baud: %d, parity: %s, stop_bits: %d}"
              .formatted(
                  quoted(serial.port()),
                  form == null ? serial.format().baud() : form.baud(),
                  parity(form == null ? 'N' : form.parity()),
                  form == null ? serial.format().stopBits() : form.stopBits());
      case Line.ModbusTcp tcp ->
          "modbus-tcp: {host: %s, port: %d}".formatted(quoted(tcp.host()), tcp.port());
      case Line.ModbusRtuTcp tcp ->
          "modbus-rtu-tcp: {host: %s, port: %d}".formatted(quoted(tcp.host()), tcp.port());
      default -> throw new IllegalArgumentException("line " + line.id() + " is not polled");
    };
  }

  private static String parity(char parity) {
    return switch (parity) {
      case 'E' -> "even";
      case 'O' -> "odd";
      default -> "none";
    };
  }

  /** Colons and such are harmless in a path or host, but not at the end of a flow value. */
  private static String quoted(String text) {
    return text.matches("[A-Za-z0-9/._-]+") ? text : '"' + text.replace("\"", "\\\"") + '"';
  }

  private static void append(
      StringBuilder text,
      Find find,
      List<Guess> chosen,
      int every,
      @Nullable Form lineForm,
      Map<String, DeviceProfile> profiles) {
    if (find.known() != null) {
      text.append(
          "      # %s is %s, which the site file has already%n"
              .formatted(find.who(), find.known()));
      return;
    }
    for (Guess guess : find.guesses()) {
      text.append(
          "      # %s: %d %% %s (%s)%s%n"
              .formatted(
                  find.who(),
                  guess.percent(),
                  guess.profile(),
                  plain(guess.why()),
                  guess.example() ? ": a made-up example, no real meter" : ""));
    }
    if (chosen.isEmpty()) {
      text.append(
          "      # %s answers, and no profile fits well: look with lingtan read --unit %d --function 3"
                  .formatted(find.who(), find.unit())
              + " --address 0 --count 10\n");
    }
    for (Guess guess : chosen) {
      DeviceProfile profile = profiles.get(guess.profile());
      String ratios = ratios(find);
      boolean secondary =
          profile != null && profile.allPoints().stream().anyMatch(p -> p.ratio() != Ratio.NONE);
      if (secondary && ratios.isEmpty()) {
        text.append(
            "      # its registers are secondary: add ct: and pt: where it has transformers\n");
      }
      String id =
          find.meter() == null
              ? "unit"
                  + find.unit()
                  + (guess.equals(chosen.getFirst()) ? "" : "-" + guess.profile())
              : "meter-" + find.meter();
      text.append(
          find.meter() == null
              ? "      - {id: %s, profile: %s, unit: %d, every: %ds%s}%n"
                  .formatted(id, guess.profile(), find.unit(), every, secondary ? ratios : "")
              : "      - {id: %s, profile: %s, address: \"%s\", every: 10s%s}%n"
                  .formatted(id, guess.profile(), find.meter(), framing(find.form(), lineForm)));
    }
  }

  /** The ratios that the meter itself is set to. */
  private static String ratios(Find find) {
    String text = "";
    for (String name : List.of(Identity.CT, Identity.PT)) {
      String told = find.identity().get(name);
      text += told == null ? "" : ", " + name + ": " + told;
    }
    return text;
  }

  private static String framing(@Nullable Form form, @Nullable Form line) {
    if (form == null || line == null) {
      return "";
    }
    // Without framing a meter that has an address is taken to have its own usual form.
    return form.equals(METER_FORM)
        ? ""
        : String.format(
            Locale.ROOT,
            ", framing: {baud: %d, parity: %s, stop_bits: %d}",
            form.baud(),
            parity(form.parity()),
            form.stopBits());
  }

  /** A comment ends with its line. */
  private static String plain(String text) {
    return text.replaceAll("\\R", " ");
  }
}
