package io.lingtan.agent.site.read;

import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.GatewayName;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.SmallFile;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Labels;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads a site file with the profiles and factors that it names, and finds everything that is wrong
 * in one run. Nothing of the YAML library is reachable from what it returns.
 */
public final class SiteLoader {

  private final Path machine;

  /** A loader for this machine. */
  public SiteLoader() {
    this(Path.of("/"));
  }

  /**
   * @param machine root of the file system that {@code gateway: auto} looks at
   */
  public SiteLoader(Path machine) {
    this.machine = machine;
  }

  /** Reads a site file. Never throws for what stands in it. */
  public Loaded load(Path file) {
    Problems problems = new Problems(file);
    byte[] bytes;
    try {
      if (Files.isDirectory(file)) {
        problems.error("is a folder; name the site file in it");
        return new Loaded(null, problems.list());
      }
      bytes = SmallFile.read(file, YamlReader.LARGEST);
    } catch (SmallFile.Refused e) {
      problems.error(e.getMessage() + ": not a site file");
      return new Loaded(null, problems.list());
    } catch (IOException e) {
      problems.error(
          Files.exists(file)
              ? "cannot be read by this user: " + e.getMessage()
              : "does not exist; config/sites/one-meter.yaml is one to start from");
      return new Loaded(null, problems.list());
    }
    Loaded loaded = read(file, bytes);
    String open = Ownership.problem(file);
    if (open == null) {
      return loaded;
    }
    List<Problem> all = new ArrayList<>(loaded.problems());
    all.addFirst(new Problem(Problem.Severity.WARNING, file, 0, 0, open));
    return new Loaded(loaded.site(), all);
  }

  /** Reads a site file's bytes as if they stood in {@code file}. */
  public Loaded read(Path file, byte[] bytes) {
    Problems problems = new Problems(file);
    Yaml root = YamlReader.read(bytes, problems);
    if (root == null) {
      return new Loaded(null, problems.list());
    }
    if (isProfile(root)) {
      problems.error(
          root,
          "is a kind of meter (a profile), not a site: name its folder under profiles in a site"
              + " file and check that, or: lingtan profiles --profiles DIR NAME");
      return new Loaded(null, problems.list());
    }
    Fields fields = Fields.of(Section.SITE_FILE, root, problems);
    Path absolute = file.toAbsolutePath().normalize();
    SiteFiles files = new SiteFiles(absolute, problems);
    Site site = site(root, fields, files, problems, absolute, Sha256.hex(bytes));
    boolean good = problems.errors() == 0;
    return new Loaded(good ? site : null, problems.list());
  }

  private static boolean isProfile(Yaml root) {
    return root instanceof Yaml.Table table
        && table.entries().stream()
            .map(entry -> entry.key().text())
            .collect(Collectors.toSet())
            .containsAll(Set.of("name", "kind"));
  }

  private Site site(
      Yaml root, Fields fields, SiteFiles files, Problems problems, Path file, String sha256) {
    String gateway = gateway(fields, problems);
    Site.Place place = new PlaceReader(fields, problems).read(gateway, Labels.of(root, problems));
    Path own = files.folder(fields, "profiles");
    Catalogue<DeviceProfile> profiles = Catalogue.profiles(own);
    Catalogue<FactorTable> factors = Catalogue.factors(files.folder(fields, "factors"));
    Catalogue<Tariff> tariffs = Catalogue.tariffs(files.folder(fields, "tariffs"));
    LinesReader lines = new LinesReader(profiles, files, Ratings.of(root), problems);
    List<Line> read = lines.read(fields);
    UplinkReader uplink = new UplinkReader(fields, files, problems);
    Site.StatusSettings status = uplink.status();
    if (status.enabled()) {
      lines.shares().page(status.host(), status.port());
    }
    BillReader bill = new BillReader(fields, files, problems);
    MeteringReader meters =
        new MeteringReader(
            fields, lines.declared(), tariffs, bill.user(), place.region(), problems);
    Site.Metering counted = meters.read();
    Site.Metering metering = counted.correctedBy(meters.corrections(counted, place.zone(), files));
    return new Site(
        gateway,
        place,
        read,
        metering,
        new CarbonReader(fields, factors, files, problems).read(place.region()),
        uplink.mqtt(),
        uplink.journal(),
        status,
        uplink.clock(),
        file,
        sha256,
        own,
        bill.read(metering, lines.declared(), place.zone()),
        uplink.fleet(),
        files.folder(fields, "reports"));
  }

  private String gateway(Fields fields, Problems problems) {
    if (!fields.require("gateway", "its name in topics and certificates, or auto")) {
      return "unnamed";
    }
    String written = fields.text("gateway");
    if (written == null || !written.equals("auto")) {
      if (written != null && !Words.isId(written)) {
        problems.error(
            fields.valueAt("gateway"),
            "'" + written + "' is no gateway name: 1 to 64 of A-Z a-z 0-9 _ -");
      }
      return written == null ? "unnamed" : written;
    }
    String own = GatewayName.of(machine);
    if (own == null) {
      problems.error(
          fields.valueAt("gateway"),
          "auto found neither a serial number in /proc/cpuinfo nor /etc/machine-id: write a name");
    }
    return own == null ? "unnamed" : own;
  }
}
