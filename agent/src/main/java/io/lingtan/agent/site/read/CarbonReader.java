package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.Certificates;
import io.lingtan.agent.site.Certificates.Applied;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.FeedFile;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Regions;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads {@code carbon}: the factors in use. */
final class CarbonReader {

  private static final List<String> USUAL = List.of("cn-electricity", "cn-fuels", "cn-tce");
  private static final List<String> METHODS = List.of("location", "market");
  private static final Pattern HOURS = Pattern.compile("([0-2][0-9]):00-([0-2][0-9]):00");

  private final Fields fields;
  private final Fields site;
  private final Catalogue<FactorTable> factors;
  private final SiteFiles files;
  private final Problems problems;

  CarbonReader(Fields site, Catalogue<FactorTable> factors, SiteFiles files, Problems problems) {
    this.site = site;
    this.fields = site.group("carbon", Section.CARBON);
    this.factors = factors;
    this.files = files;
    this.problems = problems;
  }

  Site.Carbon read(String region) {
    Set<Standing> accepted = accepted();
    List<String> names = new ArrayList<>();
    List<FactorTable> tables = new ArrayList<>();
    if (fields.isWritten("factors")) {
      for (Yaml.Text word : fields.words("factors")) {
        if (names.contains(word.text())) {
          problems.error(word, "factor file " + word.text() + " is named twice");
        } else {
          table(word.text(), word, names, tables, accepted);
        }
      }
    } else {
      for (String name : USUAL) {
        table(name, fields.at(), names, tables, accepted);
      }
    }
    region(region, tables, accepted);
    Certificates certificates = certificates();
    return new Site.Carbon(
        names,
        methods(),
        tables,
        accepted,
        certificates,
        feeds(certificates, FeedReader.Known.of(tables, region, accepted)),
        diesel(),
        green());
  }

  /** Of the hours of a day, certificates are spread over those from one to another. */
  private Site.Green green() {
    boolean hourly = fields.flag("hourly", false);
    String hours = fields.text("certificate_hours", "00:00-24:00");
    Matcher span = HOURS.matcher(hours);
    int from = span.matches() ? Integer.parseInt(span.group(1)) : 24;
    int to = span.matches() ? Integer.parseInt(span.group(2)) : 0;
    if (from >= to || to > 24) {
      problems.error(
          fields.valueAt("certificate_hours"),
          "certificate_hours are full hours of a day such as 06:00-18:00, not '" + hours + "'");
      return new Site.Green(hourly, 0, 24, direct());
    }
    if (fields.isWritten("certificate_hours") && !hourly) {
      problems.warning(fields.at("certificate_hours"), "is for hourly: true alone");
    }
    return new Site.Green(hourly, from, to, direct());
  }

  /** Standings of factors that the site takes beside official ones. */
  private Set<Standing> accepted() {
    Set<Standing> accepted = EnumSet.noneOf(Standing.class);
    List<String> words = Stream.of(Standing.values()).skip(1).map(Standing::word).sorted().toList();
    for (Yaml.Text word : fields.words("accept")) {
      if (!words.contains(word.text())) {
        problems.error(
            word,
            "'%s' is no status that has to be accepted%s"
                .formatted(word.text(), Words.instead(word.text(), words)));
      } else {
        accepted.add(Standing.of(word.text()));
      }
    }
    return accepted;
  }

  private void table(
      String name, Yaml at, List<String> names, List<FactorTable> tables, Set<Standing> accepted) {
    if (!factors.names().contains(name)) {
      problems.error(
          at, "no factor file is called '" + name + "'" + Words.instead(name, factors.names()));
      return;
    }
    Catalogue.Loaded<FactorTable> read = factors.load(name);
    FactorTable table = read.value();
    if (table == null) {
      problems.error(at, "factor file " + name + " has errors of its own");
    } else {
      doubtful(table, at, accepted);
      tables.forEach(other -> together(other, table, at, accepted));
      names.add(name);
      tables.add(table);
    }
    problems.addAll(read.problems());
  }

  /**
   * What nobody in charge published is not taken silently. An unconfirmed factor may stand in a
   * table of others, and is passed over.
   */
  private void doubtful(FactorTable table, Yaml at, Set<Standing> accepted) {
    for (Standing standing : List.of(Standing.NON_OFFICIAL, Standing.DEMO)) {
      List<Factor> found =
          table.factors().stream()
              .filter(factor -> Standing.of(factor.status()) == standing)
              .toList();
      if (!found.isEmpty() && !accepted.contains(standing)) {
        problems.error(
            at,
            "factor %s of %s has status %s%s: write accept: [%s] under carbon if figures may rest on"
                    .formatted(
                        found.getFirst().id(),
                        table.name(),
                        standing.word(),
                        found.size() == 1 ? "" : ", and %d more have".formatted(found.size() - 1),
                        standing.word())
                + " it; each of them is marked so");
      }
    }
  }

  /**
   * Two files must not give one factor, or two for the same day: which holds would be luck. Nor
   * must gases count by two sets of potentials: their sum would be of neither.
   */
  private void together(FactorTable one, FactorTable other, Yaml at, Set<Standing> accepted) {
    String set = one.potentials();
    if (set != null && other.potentials() != null && !set.equals(other.potentials())) {
      problems.error(
          at,
          "%s counts gases by %s and %s by %s: sets of warming potentials are never mixed, name files of one"
              .formatted(one.name(), set, other.name(), other.potentials()));
    }
    for (Factor a : one.factors()) {
      for (Factor b : other.factors()) {
        LocalDate day = a.validFrom().isAfter(b.validFrom()) ? a.validFrom() : b.validFrom();
        String what = null;
        if (a.id().equals(b.id())) {
          what = "factor " + a.id() + " stands in " + one.name() + " and in " + other.name();
        } else if (a.isTaken(accepted)
            && b.isTaken(accepted)
            && a.carrier().equals(b.carrier())
            && a.region().equals(b.region())
            && a.basis().equals(b.basis())
            && a.isValidOn(day)
            && b.isValidOn(day)) {
          what =
              "%s of %s and %s of %s both hold on %s"
                  .formatted(a.id(), one.name(), b.id(), other.name(), day);
        }
        if (what != null) {
          problems.error(at, what + ": name one of the files only, or end the validity of one");
        }
      }
    }
  }

  /** Another region's factor is never taken silently; the operator may name one that there is. */
  private void region(String region, List<FactorTable> tables, Set<Standing> accepted) {
    List<Factor> located =
        tables.stream()
            .flatMap(table -> table.factors().stream())
            .filter(factor -> factor.carrier().equals("electricity"))
            .filter(factor -> factor.basis().equals("location"))
            .toList();
    Set<String> regions =
        located.stream()
            .filter(factor -> factor.isTaken(accepted))
            .map(Factor::region)
            .collect(Collectors.toSet());
    Factor refused =
        located.stream()
            .filter(factor -> factor.region().equals(region))
            .filter(factor -> Standing.of(factor.status()) == Standing.UNCONFIRMED)
            .findFirst()
            .orElse(null);
    Fields place = site.group("site", Section.PLACE);
    if (!regions.contains(region) && refused != null) {
      problems.error(
          place.valueAt("region"),
          "the only location factors of region %s are unconfirmed, such as %s: write accept: [%s]"
                  .formatted(region, refused.id(), Standing.UNCONFIRMED.word())
              + " under carbon if figures may rest on them; each of them is marked so");
    } else if (regions.isEmpty()) {
      if (problems.errors() == 0) {
        problems.warning(
            fields.valueAt("factors"),
            "no factor for electricity is in use: there will be no scope 2 figures");
      }
    } else if (!regions.contains(region)) {
      problems.error(
          place.valueAt("region"),
          "no location factor for region "
              + region
              + "; known: "
              + String.join(" ", regions.stream().sorted().toList())
              + ", of which CN is the national average"
              + Regions.widening(region).stream()
                  .filter(wider -> regions.contains(wider) && wider.contains("-"))
                  .map(grid -> " and " + grid + " that of its grid")
                  .collect(Collectors.joining()));
    } else if (!place.isWritten("region")) {
      problems.warning(place.at(), "no site.region: the national average CN is used for carbon");
    }
  }

  private List<String> methods() {
    List<String> methods = new ArrayList<>();
    for (Yaml.Text word : fields.words("method")) {
      if (!METHODS.contains(word.text())) {
        problems.error(
            word, "'" + word.text() + "' is no method" + Words.instead(word.text(), METHODS));
      } else if (!methods.contains(word.text())) {
        methods.add(word.text());
      }
    }
    return methods.isEmpty() ? List.of("location") : methods;
  }

  private Certificates certificates() {
    Path file = files.needed(fields, "certificates");
    FeedFile read = file == null || !Files.isReadable(file) ? null : FeedFile.read(file, problems);
    if (read == null) {
      return Certificates.NONE;
    }
    Certificates certificates = read.feeds().certificates();
    if (certificates.applied().isEmpty()) {
      FeedFile.error(
          problems, read.file(), 1, 1, "begins with the line month,certificates,vintage,reference");
    }
    return certificates;
  }

  private List<FeedFile> feeds(Certificates certificates, FeedReader.Known factors) {
    Map<String, Path> registered = new HashMap<>();
    for (Applied applied : certificates.applied()) {
      registered.put(applied.number(), Path.of(fields.text("certificates", "")));
    }
    List<FeedFile> feeds = new ArrayList<>();
    FeedReader.Known known = factors;
    for (Yaml.Text word : fields.words("feeds")) {
      Path file = files.resolve(word.text(), word);
      if (file != null && !Files.isReadable(file)) {
        problems.warning(word, "feeds: " + file + " does not exist; it is read at the next start");
      }
      FeedFile read =
          file == null || !Files.isReadable(file) ? null : FeedFile.read(file, known, problems);
      if (read != null) {
        feeds.add(read);
        known = known.and(read.feeds());
        claimedOnce(read, registered, word);
      }
    }
    return feeds;
  }

  /** A registration stands in one file, else its energy would be claimed twice. */
  private void claimedOnce(FeedFile read, Map<String, Path> registered, Yaml at) {
    for (Applied applied : read.feeds().certificates().applied()) {
      Path first = registered.putIfAbsent(applied.number(), read.file());
      if (first != null) {
        problems.error(
            at,
            applied.reference()
                + " stands in "
                + first.getFileName()
                + " and in "
                + read.file().getFileName()
                + ": energy claimed twice");
      }
    }
  }

  /** As 发改能源〔2025〕650号 has them, if nothing else is said. */
  private Site.@Nullable DirectLimits direct() {
    if (!fields.isWritten("direct_supply")) {
      return null;
    }
    Fields direct = fields.group("direct_supply", Section.DIRECT_SUPPLY);
    return new Site.DirectLimits(
        share(direct, "self_of_available_min", 60),
        share(direct, "self_of_use_min", 30),
        share(direct, "export_max", 20));
  }

  private static BigDecimal share(Fields direct, String key, long usual) {
    BigDecimal percent = direct.decimal(key, "0", "100");
    return percent == null ? BigDecimal.valueOf(usual) : percent;
  }

  private @Nullable BigDecimal diesel() {
    Fields fleet = fields.group("fleet", Section.FLEET);
    if (fields.isWritten("fleet")) {
      fleet.require(
          "diesel_l_per_100km", "what the bus would burn that the hydrogen bus stands for");
    }
    return fleet.decimal("diesel_l_per_100km", "1", "200");
  }
}
