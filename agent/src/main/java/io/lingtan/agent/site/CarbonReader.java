package io.lingtan.agent.site;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

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
    feeds();
    return new Site.Carbon(names, methods(), tables, certificates());
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
    if (file == null || !Files.isReadable(file)) {
      return Certificates.NONE;
    }
    return new CertificatesReader(file, problems).read();
  }

  private void feeds() {
    for (Yaml.Text word : fields.words("feeds")) {
      files.resolve(word.text(), word);
    }
    if (fields.isWritten("feeds")) {
      problems.warning(fields.at("feeds"), "feeds is known, not built in this version");
    }
  }
}
