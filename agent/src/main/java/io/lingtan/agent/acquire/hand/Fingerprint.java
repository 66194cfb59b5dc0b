package io.lingtan.agent.acquire.hand;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Answer.Wire;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a unit is: reads it through each profile that may be, registers that are known
 * already once only, and ranks the profiles by {@link Plausibility}. Bounded: at most {@value
 * #MOST_REQUESTS} requests for a unit.
 */
final class Fingerprint {

  /** What DL/T 645 and CJ/T 188 meters are delivered with. */
  private static final CharacterFormat METER_FORMAT =
      new CharacterFormat(2400, Line.Parity.EVEN, 1);

  private static final int MOST_REQUESTS = 800;
  private static final int MOST_SILENT = 6;
  private static final int MOST_REFUSED = 3;
  private static final int LEAST_PERCENT = 25;
  private static final int MOST_GUESSES = 3;
  private static final int SUNSPEC_PERCENT = 97;

  private final Line line;
  private final LineAccess asking;
  private final int timeoutMillis;
  private final Inquiry.@Nullable Form form;
  private final int unit;

  // What the unit's registers read, by function and address, and what it refused.
  private final Map<Integer, Integer> image = new HashMap<>();
  private final Map<BlockRead, Answer> refusals = new HashMap<>();
  private final Set<BlockRead> unanswered = new HashSet<>();
  private int requests;
  private SortedMap<String, String> identity = new TreeMap<>();
  private @Nullable Sentence notAsked;

  Fingerprint(
      Line line, LineAccess asking, int timeoutMillis, Inquiry.@Nullable Form form, int unit) {
    this.line = line;
    this.asking = asking;
    this.timeoutMillis = timeoutMillis;
    this.form = form;
    this.unit = unit;
  }

  /** What the device said of itself, read through the best guess. */
  SortedMap<String, String> identity() {
    return identity;
  }

  /** Best first. Made-up examples only where nothing else fits. */
  List<Guess> guess(List<DeviceProfile> profiles) throws InterruptedException {
    List<Guess> found = sunspec(profiles);
    if (!found.isEmpty()) {
      return found;
    }
    List<Guess> real = new ArrayList<>();
    List<Guess> made = new ArrayList<>();
    Map<String, SortedMap<String, String>> identities = new HashMap<>();
    for (DeviceProfile profile : profiles) {
      if (profile.protocol() == Protocol.MODBUS && !profile.points().isEmpty() && !isEnough()) {
        DeviceReport report = visit(profile).run();
        Guess guess = Plausibility.of(profile, report);
        if (guess != null && guess.percent() >= LEAST_PERCENT) {
          (profile.example() ? made : real).add(guess);
          identities.put(profile.name(), report.identity());
        }
      }
    }
    List<Guess> ranked = real.isEmpty() ? made : real;
    ranked.sort(Comparator.comparingInt(Guess::percent).reversed().thenComparing(Guess::profile));
    List<Guess> best = ranked.subList(0, Math.min(MOST_GUESSES, ranked.size()));
    if (!best.isEmpty()) {
      identity = identities.getOrDefault(best.getFirst().profile(), identity);
    }
    return best;
  }

  private boolean isEnough() {
    return requests >= MOST_REQUESTS || unanswered.size() >= MOST_SILENT;
  }

  private Visit visit(DeviceProfile profile) {
    return new Visit(
        line, device(profile, unit, null), this::remembered, timeoutMillis, form, MOST_REFUSED);
  }

  /** A device of which nothing is known but its place and a profile to try. */
  static Device device(DeviceProfile profile, int unit, @Nullable String meter) {
    return new Device(
        meter == null ? "unit" + unit : "meter" + meter,
        profile,
        unit,
        meter,
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        BigDecimal.ONE,
        BigDecimal.ONE,
        Map.of(),
        null,
        List.of(),
        meter == null ? null : METER_FORMAT,
        null,
        null,
        0);
  }

  /** A device that has the marker names its models: nothing else needs to be tried. */
  private List<Guess> sunspec(List<DeviceProfile> profiles) throws InterruptedException {
    List<Guess> found = new ArrayList<>();
    Map<String, List<Integer>> models = new HashMap<>();
    for (DeviceProfile profile : profiles) {
      if (profile.protocol() != Protocol.SUNSPEC || isEnough()) {
        continue;
      }
      DeviceReport report = visit(profile).run();
      List<Integer> own = new ArrayList<>(profile.models().keySet());
      own.retainAll(report.models());
      if (report.models().isEmpty()) {
        return List.of();
      }
      if (!own.isEmpty()) {
        identity = report.identity();
        models.put(profile.name(), own);
        found.add(
            new Guess(
                profile.name(),
                SUNSPEC_PERCENT,
                "SunSpec models " + report.models() + ", of which it reads " + own + told(identity),
                profile.example()));
      }
    }
    return parts(found, models, profiles);
  }

  /**
   * The profile that reads most models, then those that read further ones: an inverter with a meter
   * behind it has both, and one whose models another reads already adds nothing.
   */
  private static List<Guess> parts(
      List<Guess> found, Map<String, List<Integer>> models, List<DeviceProfile> profiles) {
    Map<String, DeviceProfile> byName = new HashMap<>();
    profiles.forEach(profile -> byName.put(profile.name(), profile));
    List<Guess> rest = new ArrayList<>(found);
    // Of several that read the same the general one, whose name is shortest.
    rest.sort(
        Comparator.comparingInt(
                (Guess guess) -> -models.getOrDefault(guess.profile(), List.of()).size())
            .thenComparing(guess -> !guess.profile().startsWith("sunspec"))
            .thenComparing(Guess::profile));
    List<Guess> chosen = new ArrayList<>();
    Set<Integer> covered = new HashSet<>();
    while (!rest.isEmpty()) {
      Guess next = rest.removeFirst();
      List<Integer> own = models.getOrDefault(next.profile(), List.of());
      if (!covered.containsAll(own)) {
        covered.addAll(own);
        chosen.add(next);
        DeviceProfile first = byName.get(chosen.getFirst().profile());
        rest.sort(
            Comparator.comparing(
                guess -> {
                  DeviceProfile other = byName.get(guess.profile());
                  return first == null || other == null || !first.shares(other);
                }));
      }
    }
    return chosen.subList(0, Math.min(MOST_GUESSES, chosen.size()));
  }

  /** What a device says of itself, behind something else. */
  static String told(SortedMap<String, String> identity) {
    StringBuilder text = new StringBuilder();
    identity.forEach((name, value) -> text.append(", ").append(name).append(' ').append(value));
    return text.toString();
  }

  private Answer remembered(Request request, int timeout, Inquiry.@Nullable Form as)
      throws InterruptedException {
    if (!(request instanceof Request.Registers(int id, int function, int address, int count))) {
      return asking.ask(request, timeout, as);
    }
    BlockRead read = new BlockRead(function, address, count);
    Answer known = refusals.get(read);
    if (known == null) {
      known = known(read);
    }
    if (known != null) {
      return known;
    }
    if (isEnough() || unanswered.contains(read)) {
      return new Answer.Silent(new Wire(new byte[0], new byte[0], 0));
    }
    requests++;
    Answer answer = asking.ask(request, timeout, as);
    switch (answer) {
      case Answer.Value(var wire, var value) -> keep(read, value);
      case Answer.Refused refused -> refusals.put(read, refused);
      case Answer.Silent silent -> unanswered.add(read);
      case Answer.NotAsked(var why) -> notAsked = why;
      default -> {}
    }
    return answer;
  }

  /** Why the line could not ask all that was wanted; null if it could. */
  @Nullable Sentence notAsked() {
    return notAsked;
  }

  private @Nullable Answer known(BlockRead read) {
    if (read.function() <= 2) {
      return null;
    }
    byte[] value = new byte[2 * read.words()];
    for (int i = 0; i < read.words(); i++) {
      Integer word = image.get(read.function() << 16 | (read.address() + i));
      if (word == null) {
        return null;
      }
      value[2 * i] = (byte) (word >>> 8);
      value[2 * i + 1] = (byte) (int) word;
    }
    return new Answer.Value(new Wire(new byte[0], new byte[0], 0), value);
  }

  private void keep(BlockRead read, byte[] value) {
    if (read.function() > 2) {
      for (int i = 0; i < read.words(); i++) {
        image.put(
            read.function() << 16 | (read.address() + i),
            (value[2 * i] & 0xFF) << 8 | (value[2 * i + 1] & 0xFF));
      }
    }
  }
}
