package io.lingtan.agent.acquire.hand;

import io.lingtan.agent.acquire.item.Address;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Inquiry.Form;
import io.lingtan.agent.reading.MeterFamily;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.Line;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SequencedSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who answers on a line: one short read of every Modbus unit, the questions of DL/T 645
 * and CJ/T 188 for an address, and the {@link Fingerprint} of each that does. Waits for each answer
 * in whatever thread it is called; bounded by units × forms × timeout, which it tells as it goes.
 */
public final class Survey {

  private static final int NO_PATH = 10;
  private static final int TARGET_SILENT = 11;
  private static final int METER_PERCENT = 95;

  /** The kind of meter is the profile's, and nothing was read by it. */
  private static final int UNREAD_PERCENT = 20;

  private static final Point COUNTED_FIRST = Point.of("energy_import");
  private static final Point VOLUME = Point.of("volume");

  /** Of what cannot be read, kinds that a note names. */
  private static final int MOST_SEEN = 3;

  private static final List<MeterFamily> NO_METERS = List.of();
  private static final int LAST_PRIMARY = 250;
  private static final int MBUS_MILLIS = 1000;

  /**
   * What to look for.
   *
   * @param from first Modbus unit, 0..255
   * @param to last one, {@code from}..255; below {@code from} for none
   * @param meters whether DL/T 645 and CJ/T 188 meters are looked for, which only serial lines and
   *     serial servers have
   * @param thorough whether a unit that is silent is asked a second and third question, because
   *     there are devices that answer no others
   * @param timeoutMillis how long a unit has to answer, 10..10000
   * @param forms speeds and character forms of a serial line to try, in order; empty for its own
   */
  public record Wanted(
      int from, int to, boolean meters, boolean thorough, int timeoutMillis, List<Form> forms) {
    public Wanted {
      if (from < 0 || from > 255 || to > 255) {
        throw new IllegalArgumentException("units are 0..255, asked for " + from + " to " + to);
      }
      forms = List.copyOf(forms);
    }
  }

  /** What is told while it goes. */
  public sealed interface News {

    /**
     * @param done questions that are over
     * @param total questions that there are
     * @param leftMillis time that the rest takes if nobody else answers, -1 if not known yet
     * @param what is asked now
     */
    record Progress(int done, int total, long leftMillis, String what) implements News {}

    /** Somebody answers. */
    record Found(Find find) implements News {}

    /** Something that a person should know. */
    record Noted(Sentence text) implements News {}
  }

  /**
   * How it came out.
   *
   * @param problem why it ended before its time, with what to do; null if it did not
   */
  public record Result(List<Find> finds, @Nullable Sentence problem) {
    public Result {
      finds = List.copyOf(finds);
    }
  }

  private final Line line;
  private final LineAccess asking;
  private final List<DeviceProfile> profiles;
  private final Wanted wanted;
  private final Time time;
  private final Consumer<News> news;
  private final List<Find> finds = new ArrayList<>();
  private final MonotonicInstant begun;
  private int done;
  private int total;

  /** What units answered that cannot be read, at the present form. */
  private final SortedMap<Integer, String> garbled = new TreeMap<>();

  private @Nullable Sentence problem;

  /**
   * @param line with the devices that are known already
   * @param profiles what a device may be
   * @param news told in the thread that calls {@link #run}
   */
  public Survey(
      Line line,
      LineAccess asking,
      List<DeviceProfile> profiles,
      Wanted wanted,
      Time time,
      Consumer<News> news) {
    this.line = line;
    this.asking = LineAccess.patient(asking);
    this.profiles = List.copyOf(profiles);
    this.wanted = wanted;
    this.time = time;
    this.news = news;
    this.begun = time.now();
  }

  /**
   * Looks for everybody. A sweep over several character forms ends with the first in which somebody
   * answers.
   *
   * @throws InterruptedException if it is to end before
   */
  public Result run() throws InterruptedException {
    List<@Nullable Form> forms = new ArrayList<>(wanted.forms());
    if (forms.isEmpty()) {
      forms.add(null);
    }
    boolean bytes = !(line instanceof Line.ModbusTcp);
    int meters = wanted.meters() && bytes ? MeterFamily.values().length : 0;
    int units = Math.max(0, wanted.to() - wanted.from() + 1);
    total = forms.size() * (units + meters);
    for (Form form : forms) {
      for (MeterFamily family : meters > 0 ? List.of(MeterFamily.values()) : NO_METERS) {
        meter(family, form);
      }
      for (int unit = wanted.from(); unit <= wanted.to() && problem == null; unit++) {
        unit(unit, form);
      }
      tellGarbled(form);
      if (problem != null || (!finds.isEmpty() && forms.size() > 1)) {
        break;
      }
    }
    return new Result(finds, problem);
  }

  private void progress(String what) {
    long passed = time.now().millisSince(begun);
    long left = done == 0 ? -1 : passed * (total - done) / done;
    news.accept(new News.Progress(done, total, left, what));
  }

  private void found(Find find) {
    finds.add(find);
    news.accept(new News.Found(find));
  }

  // Modbus.

  private void unit(int unit, @Nullable Form form) throws InterruptedException {
    progress("unit " + unit + (form == null ? "" : " at " + form));
    if (unit != 0 || line instanceof Line.ModbusTcp) {
      long micros = present(unit, form);
      if (micros >= 0) {
        Find known = known(unit, form, micros);
        found(known != null ? known : fingerprint(unit, form, micros));
      }
    }
    done++;
  }

  /** 256 bytes of Modbus RTU, 11 bits each. */
  private static final int LONGEST_FRAME_BITS = 256 * 11;

  private static final List<Request.Registers> QUESTIONS =
      List.of(
          new Request.Registers(0, 3, 0, 1),
          new Request.Registers(0, 4, 0, 1),
          new Request.Registers(0, 3, 40_000, 1));

  /** Microseconds that the unit takes to answer anything valid; -1 if it does not. */
  private long present(int unit, @Nullable Form form) throws InterruptedException {
    for (Request.Registers question : wanted.thorough() ? QUESTIONS : QUESTIONS.subList(0, 1)) {
      Request asked =
          new Request.Registers(unit, question.function(), question.address(), question.count());
      switch (asking.ask(asked, wanted.timeoutMillis(), form)) {
        case Answer.Value(var wire, var value) -> {
          return wire.micros();
        }
        case Answer.Refused(var wire, int code) -> {
          // A gateway speaks for a unit that is not there.
          if (code != NO_PATH && code != TARGET_SILENT) {
            return wire.micros();
          }
        }
        case Answer.Garbled(var wire, var what) -> garbled.put(unit, what);
        case Answer.NotAsked(var why) -> {
          problem = why;
          return -1;
        }
        case Answer.Silent silent -> {}
        case Answer.Here here -> {}
      }
    }
    return -1;
  }

  /** One note of all of them: a server that speaks something else answers for each unit. */
  private void tellGarbled(@Nullable Form form) {
    if (garbled.isEmpty()) {
      return;
    }
    String units = ranges(new TreeSet<>(garbled.keySet()));
    List<String> seen = garbled.values().stream().distinct().limit(MOST_SEEN).toList();
    String what = String.join("; ", seen);
    boolean tcp = line instanceof Line.ModbusTcp;
    news.accept(
        new News.Noted(
            new Sentence(
                (garbled.size() == 1 ? "unit " : "units ")
                    + units
                    + (form == null ? "" : " at " + form)
                    + ": something answers that cannot be read ("
                    + what
                    + "); "
                    + (tcp
                        ? "is it a Modbus TCP server? A serial server that passes on RTU frames is"
                            + " scanned with --rtu, and is modbus-rtu-tcp in the site file"
                        : "two devices with one unit id, another speed or parity, or an echo?"),
                "站号 %s%s：有应答但读不懂（%s）：%s"
                    .formatted(
                        units,
                        form == null ? "" : "（" + form + "）",
                        what,
                        tcp
                            ? "确认对方是 Modbus TCP；透传 RTU 帧的串口服务器，扫描时加 --rtu，站点文件里用 modbus-rtu-tcp"
                            : "检查是否站号重复、速率或校验不对、有回波"))));
    garbled.clear();
  }

  /** {@code 1 3-7 9}: of numbers in ascending order. */
  static String ranges(SequencedSet<Integer> numbers) {
    StringBuilder text = new StringBuilder();
    int first = Integer.MIN_VALUE;
    int last = Integer.MIN_VALUE;
    for (int number : numbers) {
      if (number != last + 1 || text.isEmpty()) {
        text.append(last > first ? "-" + last : "").append(text.isEmpty() ? "" : " ");
        text.append(number);
        first = number;
      }
      last = number;
    }
    return text.append(last > first ? "-" + last : "").toString();
  }

  private @Nullable Find known(int unit, @Nullable Form form, long micros) {
    for (Device device : line.devices()) {
      if (device.address() == null && device.unit() == unit) {
        return new Find(form, unit, null, device.id(), new TreeMap<>(), List.of(), micros);
      }
    }
    return null;
  }

  /** 0 where a line has no speed of ours. */
  private long longestFrameMillis(@Nullable Form form) {
    Form own = form == null && line instanceof Line.Serial serial ? formOf(serial.format()) : form;
    return own == null ? 0 : LONGEST_FRAME_BITS * 1000L / own.baud();
  }

  private Find fingerprint(int unit, @Nullable Form form, long micros) throws InterruptedException {
    // For more registers it may take longer; but a line that is polled each second may have no
    // longer gap than the one that the unit was found in.
    int most = Math.min(10_000, 2 * wanted.timeoutMillis());
    long expected = 4 * micros / 1000 + 2 * longestFrameMillis(form);
    int patience = Math.clamp(expected, wanted.timeoutMillis(), most);
    Fingerprint fingerprint = new Fingerprint(line, asking, patience, form, unit);
    List<Guess> guesses = fingerprint.guess(profiles);
    Sentence why = fingerprint.notAsked();
    if (why != null && guesses.isEmpty()) {
      news.accept(
          new News.Noted(
              new Sentence(
                  "unit "
                      + unit
                      + " answers, and was not asked all that could be: "
                      + why.english(),
                  "站号 " + unit + " 有应答，但没能问完：" + why.chinese())));
    }
    return new Find(form, unit, null, null, fingerprint.identity(), guesses, micros);
  }

  // Meters with an address of their own.

  /** The usual form of such meters comes first, then the line's. */
  private void meter(MeterFamily family, @Nullable Form form) throws InterruptedException {
    List<@Nullable Form> tried = new ArrayList<>();
    if (form == null && line instanceof Line.Serial serial) {
      tried.add(new Form(2400, 'E', 1));
      Form own = formOf(serial.format());
      if (!tried.contains(own)) {
        tried.add(own);
      }
    } else {
      tried.add(form);
    }
    for (Form each : tried) {
      progress(family.title() + " meters" + (each == null ? "" : " at " + each));
      if (problem == null && meterAt(family, each)) {
        break;
      }
    }
    done++;
  }

  /** The same as a site file says it. */
  static Form formOf(Line.CharacterFormat format) {
    char parity =
        switch (format.parity()) {
          case NONE -> 'N';
          case EVEN -> 'E';
          case ODD -> 'O';
        };
    return new Form(format.baud(), parity, format.stopBits());
  }

  private boolean meterAt(MeterFamily family, @Nullable Form form) throws InterruptedException {
    // The standard gives a meter 500 ms to begin, and its answer takes time at 2400 baud.
    int patience = Math.max(600, wanted.timeoutMillis());
    switch (asking.ask(new Request.AnyMeter(family), patience, form)) {
      case Answer.Here(var wire, var meter) -> {
        found(meter(meter, form, wire.micros()));
        return true;
      }
      case Answer.Garbled(var wire, var what) when family == MeterFamily.MBUS -> {
        return sweep(form);
      }
      case Answer.Garbled(var wire, var what) ->
          news.accept(
              new News.Noted(
                  new Sentence(
                      family.title()
                          + (form == null ? "" : " at " + form)
                          + ": something answers that cannot be read ("
                          + what
                          + "); several meters answer at once: write the addresses from their"
                          + " plates",
                      "%s%s：有应答但读不懂（%s）：多块表同时应答，请按铭牌写表号"
                          .formatted(family.title(), form == null ? "" : "（" + form + "）", what))));
      case Answer.NotAsked(var why) -> problem = why;
      case Answer.Value value -> {}
      case Answer.Refused refused -> {}
      case Answer.Silent silent -> {}
    }
    return false;
  }

  /**
   * Several M-Bus meters answered at once: each is asked by its primary address. Returns whether
   * anybody was found.
   */
  private boolean sweep(@Nullable Form form) throws InterruptedException {
    int before = finds.size();
    List<Integer> shared = new ArrayList<>();
    total += LAST_PRIMARY + 1;
    for (int primary = 0; primary <= LAST_PRIMARY && problem == null; primary++) {
      String address = "mbus-" + primary;
      progress("M-Bus meter " + primary + (form == null ? "" : " at " + form));
      switch (asking.ask(new Request.Telegrams(address), wanted.timeoutMillis(), form)) {
        case Answer.Value(var wire, var value) -> found(meter(address, form, wire.micros()));
        case Answer.Garbled garbledAnswer -> shared.add(primary);
        case Answer.NotAsked(var why) -> problem = why;
        default -> {}
      }
      done++;
    }
    if (!shared.isEmpty()) {
      String addresses = ranges(new TreeSet<>(shared));
      news.accept(
          new News.Noted(
              new Sentence(
                  "M-Bus address "
                      + addresses
                      + ": something answers that cannot be read; several meters have the same"
                      + " address: write the eight digits from their plates",
                  "M-Bus 地址 %s：有应答但读不懂：多块表地址相同，请按铭牌写八位编号".formatted(addresses))));
    }
    return finds.size() > before;
  }

  /** Of an M-Bus meter, which tells everything at once, one reading does for all profiles. */
  private LineAccess reading(String address, @Nullable Form form) throws InterruptedException {
    if (Address.of(address).family() != MeterFamily.MBUS) {
      return asking;
    }
    Answer told = asking.ask(new Request.Telegrams(address), MBUS_MILLIS, form);
    return (request, timeout, as) -> told;
  }

  private Find meter(String address, @Nullable Form form, long micros) throws InterruptedException {
    for (Device device : line.devices()) {
      String own = device.address();
      if (own != null && Address.of(own).toString().equals(address)) {
        return new Find(form, -1, address, device.id(), new TreeMap<>(), List.of(), micros);
      }
    }
    List<Guess> guesses = new ArrayList<>();
    SortedMap<String, String> identity = new TreeMap<>();
    LineAccess reading = reading(address, form);
    for (DeviceProfile profile : mostFirst(profiles)) {
      if (fits(profile, Address.of(address))) {
        Device device = Fingerprint.device(profile, -1, address);
        DeviceReport report = new Visit(line, device, reading, 1000, form, 40).run();
        identity.putAll(report.identity());
        boolean read = report.value(COUNTED_FIRST) != null || report.value(VOLUME) != null;
        if (profile.protocol() == Protocol.MBUS) {
          read &= report.bad().isEmpty();
        }
        guesses.add(
            new Guess(
                profile.name(),
                read || profile.protocol() == Protocol.DLT645 ? METER_PERCENT : UNREAD_PERCENT,
                "it told its address"
                    + (report.isAnswered() ? told(report) : "")
                    + Fingerprint.told(report.identity()),
                false));
      }
    }
    guesses.sort(Comparator.comparingInt(Guess::percent).reversed());
    return new Find(form, -1, address, null, identity, guesses, micros);
  }

  /** Of M-Bus profiles that read all they have, the one that has most is the likeliest. */
  private static List<DeviceProfile> mostFirst(List<DeviceProfile> profiles) {
    return profiles.stream()
        .sorted(
            Comparator.comparingInt(
                profile -> profile.protocol() == Protocol.MBUS ? -profile.allPoints().size() : 0))
        .toList();
  }

  private static boolean fits(DeviceProfile profile, Address address) {
    return switch (address.family()) {
      case DLT645 -> profile.protocol() == Protocol.DLT645;
      case MBUS -> profile.protocol() == Protocol.MBUS;
      case CJT188 ->
          profile.protocol() == Protocol.CJT188
              && profile.meterType() == Integer.parseInt(address.toString().substring(0, 2), 16);
    };
  }

  private static String told(DeviceReport report) {
    String volume = report.value(VOLUME);
    String energy = report.value(COUNTED_FIRST);
    return volume != null && energy == null
        ? ", volume " + volume
        : ", energy " + (energy == null ? "unknown" : energy);
  }
}
