package io.lingtan.agent.site;

import io.lingtan.agent.site.Certificates.Applied;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads {@code carbon}: the factors in use. */
final class CarbonReader {

  private static final List<String> USUAL = List.of("cn-electricity", "cn-fuels", "cn-tce");
  private static final List<String> METHODS = List.of("location", "market");

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
    List<String> names = new ArrayList<>();
    List<FactorTable> tables = new ArrayList<>();
    if (fields.isWritten("factors")) {
      for (Yaml.Text word : fields.words("factors")) {
        if (names.contains(word.text())) {
          problems.error(word, "factor file " + word.text() + " is named twice");
        } else {
          table(word.text(), word, names, tables);
        }
      }
    } else {
      for (String name : USUAL) {
        table(name, fields.at(), names, tables);
      }
    }
    region(region, tables);
    Certificates certificates = certificates();
    return new Site.Carbon(names, methods(), tables, certificates, feeds(certificates), diesel());
  }

  private void table(String name, Yaml at, List<String> names, List<FactorTable> tables) {
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
      names.add(name);
      tables.add(table);
    }
    problems.addAll(read.problems());
  }

  /** Another region's factor is never taken silently; the operator may name one that there is. */
  private void region(String region, List<FactorTable> tables) {
    Set<String> regions =
        tables.stream()
            .flatMap(table -> table.factors().stream())
            .filter(factor -> factor.carrier().equals("electricity"))
            .filter(factor -> factor.basis().equals("location"))
            .map(FactorTable.Factor::region)
            .collect(Collectors.toSet());
    Fields place = site.group("site", Section.PLACE);
    if (regions.isEmpty()) {
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
              + ", of which CN is the national average");
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

  private List<FeedFile> feeds(Certificates certificates) {
    Map<String, Path> registered = new HashMap<>();
    for (Applied applied : certificates.applied()) {
      registered.put(applied.reference(), Path.of(fields.text("certificates", "")));
    }
    List<FeedFile> feeds = new ArrayList<>();
    for (Yaml.Text word : fields.words("feeds")) {
      Path file = files.resolve(word.text(), word);
      if (file != null && !Files.isReadable(file)) {
        problems.warning(word, "feeds: " + file + " does not exist; it is read at the next start");
      }
      FeedFile read =
          file == null || !Files.isReadable(file) ? null : FeedFile.read(file, problems);
      if (read != null) {
        feeds.add(read);
        claimedOnce(read, registered, word);
      }
    }
    return feeds;
  }

  /** A registration stands in one file, else its energy would be claimed twice. */
  private void claimedOnce(FeedFile read, Map<String, Path> registered, Yaml at) {
    for (Applied applied : read.feeds().certificates().applied()) {
      Path first = registered.putIfAbsent(applied.reference(), read.file());
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

  private @Nullable BigDecimal diesel() {
    Fields fleet = fields.group("fleet", Section.FLEET);
    if (fields.isWritten("fleet")) {
      fleet.require(
          "diesel_l_per_100km", "what the bus would burn that the hydrogen bus stands for");
    }
    return fleet.decimal("diesel_l_per_100km", "1", "200");
  }
}
