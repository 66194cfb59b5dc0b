package io.lingtan.simulator.referee;

import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Keys;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.YamlReader;
import io.lingtan.simulator.device.Framing;
import io.lingtan.simulator.referee.Phase.Upset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the file that says what goes wrong when, and finds everything that is wrong with it. */
final class CourseReader {

  private static final Keys FILE = Section.of("course", "units framing phases settle");
  private static final Keys PHASE = Section.of("phases[]", "name for upset unit away every delay");
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private enum Kind {
    BROKER_AWAY,
    PUBLISHER_KILLED,
    UNIT_DEAD,
    LATE_REPLIES,
    CORRUPT,
    TRUNCATED,
    FOREIGN_UNIT,
    DUPLICATE,
    GLUED_NOISE,
    SENTINEL
  }

  private static final Map<String, Kind> KINDS =
      Map.of(
          "broker_away", Kind.BROKER_AWAY,
          "publisher_killed", Kind.PUBLISHER_KILLED,
          "unit_dead", Kind.UNIT_DEAD,
          "late_replies", Kind.LATE_REPLIES,
          "corrupt", Kind.CORRUPT,
          "truncated", Kind.TRUNCATED,
          "foreign_unit", Kind.FOREIGN_UNIT,
          "duplicate", Kind.DUPLICATE,
          "glued_noise", Kind.GLUED_NOISE,
          "sentinel", Kind.SENTINEL);

  /** How units are served, by the words of courses and mappings. */
  static final Map<String, Framing> FRAMINGS =
      Map.of("tcp", Framing.TCP, "rtu-over-tcp", Framing.RTU_OVER_TCP);

  private CourseReader() {}

  /**
   * What goes wrong when.
   *
   * @param units that are served, numbered from 1
   * @param framing how their replies are framed
   * @param settleMillis longest wait for what is still to come after the last phase
   */
  record Course(int units, Framing framing, List<Phase> phases, long settleMillis) {
    Course {
      phases = List.copyOf(phases);
    }
  }

  /**
   * What came of a file.
   *
   * @param course null if anything is wrong with it
   */
  record Loaded(@Nullable Course course, List<Problem> problems) {
    Loaded {
      problems = List.copyOf(problems);
    }
  }

  /** Reads a file. Never throws for what stands in it. */
  static Loaded load(Path file) {
    Problems problems = new Problems(file);
    byte[] bytes = Section.bytes(file, problems);
    Yaml root = bytes == null ? null : YamlReader.read(bytes, problems);
    if (root == null) {
      return new Loaded(null, problems.list());
    }
    Fields fields = Fields.of(FILE, root, problems);
    fields.require("phases", "what goes wrong when");
    int units = fields.whole("units", 1, MappingReader.MOST_UNITS, 3);
    List<Phase> phases = new ArrayList<>();
    for (Fields phase : fields.groups("phases", PHASE)) {
      phases.add(phase(phase, units));
    }
    Course course =
        new Course(
            units,
            fields.choice("framing", FRAMINGS, Framing.TCP),
            phases,
            fields.duration("settle", SECOND, HOUR, Duration.ofSeconds(30)).toMillis());
    return new Loaded(problems.errors() == 0 ? course : null, problems.list());
  }

  private static Phase phase(Fields fields, int units) {
    fields.require("name", "what the table calls it");
    fields.require("for", "how long it lasts");
    Upset upset = upset(fields, units);
    return new Phase(
        fields.text("name", ""), fields.duration("for", SECOND, HOUR, SECOND).toMillis(), upset);
  }

  private static Upset upset(Fields fields, int units) {
    Kind kind = fields.<@Nullable Kind>choice("upset", KINDS, null);
    if (kind == null) {
      return new Upset.None();
    }
    return switch (kind) {
      case BROKER_AWAY -> new Upset.BrokerAway();
      case PUBLISHER_KILLED ->
          new Upset.PublisherKilled(
              fields.duration("away", Duration.ZERO, HOUR, SECOND).toMillis());
      case UNIT_DEAD -> new Upset.UnitDead(fields.whole("unit", 1, units, 1));
      case LATE_REPLIES ->
          new Upset.LateReplies(
              fields.whole("every", 1, 1_000, 5),
              fields
                  .duration("delay", Duration.ofMillis(1), Duration.ofMinutes(1), SECOND)
                  .toMillis());
      case CORRUPT -> damaged(Phase.Damage.CORRUPT, fields);
      case TRUNCATED -> damaged(Phase.Damage.TRUNCATED, fields);
      case FOREIGN_UNIT -> damaged(Phase.Damage.FOREIGN_UNIT, fields);
      case DUPLICATE -> damaged(Phase.Damage.DUPLICATE, fields);
      case GLUED_NOISE -> damaged(Phase.Damage.GLUED_NOISE, fields);
      case SENTINEL -> new Upset.NotAvailable();
    };
  }

  private static Upset damaged(Phase.Damage damage, Fields fields) {
    return new Upset.Damaged(damage, fields.whole("every", 1, 1_000, 5));
  }
}
