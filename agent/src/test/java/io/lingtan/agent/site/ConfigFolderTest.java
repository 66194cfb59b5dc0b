package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Factors.InForce;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.status.report.Forms;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.Month;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every file that ships in {@code config} loads without a problem. */
final class ConfigFolderTest {

  private static final Path CONFIG = Path.of("../config");

  static List<Path> sites() throws IOException {
    // A world file beside a site file is the simulator's.
    return files("sites").stream()
        .filter(file -> !file.getFileName().toString().endsWith(".world.yaml"))
        .toList();
  }

  static List<Path> factorFiles() throws IOException {
    return files("factors");
  }

  static List<Path> tariffFiles() throws IOException {
    return files("tariffs");
  }

  private static List<Path> files(String folder) throws IOException {
    try (Stream<Path> files = Files.list(CONFIG.resolve(folder))) {
      return files.sorted().toList();
    }
  }

  @Test
  void eachProfileNamesItsMakerAndWhereItsDocumentCanBeSeen() {
    Catalogue<DeviceProfile> profiles = Catalogue.profiles(null);
    for (String name : profiles.names()) {
      DeviceProfile profile = java.util.Objects.requireNonNull(profiles.load(name).value());
      assertTrue(
          Stream.of(profile.maker(), profile.document(), profile.source())
              .noneMatch(String::isBlank),
          name);
    }
  }

  @ParameterizedTest
  @MethodSource("sites")
  void eachSiteRunsAsItStands(Path file, @TempDir Path machine) throws IOException {
    Path cpu = Files.createDirectories(machine.resolve("proc")).resolve("cpuinfo");
    Files.writeString(cpu, "Serial\t\t: 10000000abcd1234\n");
    Loaded loaded = new SiteLoader(machine).load(file);
    assertEquals(List.of(), loaded.problems());
    assertNotNull(loaded.site());
  }

  /** What the package puts into place knows no line and no broker, and lacks nothing else. */
  @Test
  void thePackagesSiteRunsAsItStands(@TempDir Path machine) throws IOException {
    Path cpu = Files.createDirectories(machine.resolve("proc")).resolve("cpuinfo");
    Files.writeString(cpu, "Serial\t\t: 10000000abcd1234\n");
    Loaded loaded = new SiteLoader(machine).load(CONFIG.resolve("deploy/site.yaml"));
    assertNotNull(loaded.site());
    assertEquals(2, loaded.problems().size(), () -> "" + loaded.problems());
    assertTrue(loaded.problems().get(0).toString().contains("no lines"));
    assertTrue(loaded.problems().get(1).toString().contains("no mqtt"));
  }

  @ParameterizedTest
  @MethodSource("factorFiles")
  void eachFactorFileLoads(Path file) {
    String name = file.getFileName().toString().replace(".yaml", "");
    assertTrue(Catalogue.factors(null).names().contains(name), "packed");
    Catalogue.Loaded<FactorTable> loaded = Catalogue.factors(null).load(name);
    assertEquals(List.of(), loaded.problems());
    assertNotNull(loaded.value());
  }

  static List<Path> priceFiles() throws IOException {
    return files("prices");
  }

  @ParameterizedTest
  @MethodSource("priceFiles")
  void eachFileOfPricesLoads(Path file) throws IOException {
    Path office = CONFIG.resolve("sites/one-meter.yaml");
    Loaded loaded =
        new SiteLoader()
            .read(
                office,
                (Files.readString(office)
                        + "\n"
                        + "bill: {class: industry, kva: 1000, voltage: 10kV, basic: demand, prices:"
                        + " "
                        + file.toAbsolutePath()
                        + "}\n")
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertNotNull(loaded.site(), loaded.problems()::toString);
    String name = String.valueOf(file.getFileName());
    assertFalse(loaded.problems().toString().contains(name), loaded.problems()::toString);
  }

  @Test
  void eachFormLoads() throws IOException {
    Site site = new SiteLoader().load(CONFIG.resolve("sites/one-meter.yaml")).site();
    assertNotNull(site);
    assertEquals(List.of(), new Forms(site, SiteFigures.LISTED).problems());
    assertEquals(
        files("reports").stream().map(file -> file.getFileName().toString()).toList(),
        Catalogue.forms(null, (fields, problems, name) -> name).names().stream()
            .map(name -> name + ".yaml")
            .toList());
  }

  @ParameterizedTest
  @MethodSource("tariffFiles")
  void eachTariffLoads(Path file) {
    Catalogue.Loaded<Tariff> loaded =
        Catalogue.tariffs(null).load(file.getFileName().toString().replace(".yaml", ""));
    assertEquals(List.of(), loaded.problems());
    assertNotNull(loaded.value());
  }

  @ParameterizedTest
  @CsvSource({
    "JULY, 0, VALLEY",
    "JULY, 360, FLAT",
    "JULY, 719, VALLEY",
    "JULY, 839, FLAT",
    "JULY, 840, PEAK",
    "JANUARY, 1319, PEAK",
    "JANUARY, 1439, FLAT",
    "APRIL, 60, FLAT",
    "APRIL, 120, VALLEY",
    "OCTOBER, 839, VALLEY",
    "OCTOBER, 900, PEAK"
  })
  void theTariffOfJiangsuHasThePublishedPeriods(Month month, int minute, Tariff.Period period) {
    Tariff tariff = Catalogue.tariffs(null).load("jiangsu-2025").value();
    assertNotNull(tariff);
    assertEquals(period, tariff.period(month, minute));
  }

  @ParameterizedTest
  @CsvSource({
    "cn-electricity, cn-elec/CN-JS/2023, 0.5827, CN-JS, 2023, official",
    "cn-electricity, cn-elec/CN-JS/2022, 0.5978, CN-JS, 2022, official",
    "cn-electricity, cn-elec/CN-JS/2021, 0.6451, CN-JS, 2021, official",
    "cn-electricity, cn-elec/CN-EAST/2021, 0.5992, CN-EAST, 2021, official",
    "cn-electricity, cn-elec/CN/2022, 0.5366, CN, 2022, official",
    "cn-electricity, cn-elec/CN/2021, 0.5568, CN, 2021, official",
    "cn-electricity, cn-elec/CN-BJ/2023, 0.5554, CN-BJ, 2023, official",
    "cn-electricity, cn-elec/CN-BJ/2022, 0.5580, CN-BJ, 2022, official",
    "cn-electricity, cn-elec/CN-BJ/2021, 0.5688, CN-BJ, 2021, unconfirmed",
    "cn-electricity, cn-elec/CN-SC/2023, 0.1564, CN-SC, 2023, official",
    "cn-electricity, cn-elec/CN-HE/2021, 0.7901, CN-HE, 2021, unconfirmed",
    "cn-electricity, cn-elec/CN-SOUTHWEST/2021, 0.2113, CN-SOUTHWEST, 2021, unconfirmed",
    "cn-electricity, cn-elec/CN/2023/residual, 0.6096, CN, 2023, official",
    "cn-electricity, cn-elec/CN/2022/fossil, 0.8325, CN, 2022, official",
    "cn-electricity, cn-elec-footprint/CN/2024, 0.5777, CN, 2024, official",
    "cn-fuels, cn-fuel/diesel, 3.14512, CN, 2015, official",
    "cn-tce, cn-tce/electricity, 0.1229, CN, 2020, official",
    "cn-fuels, cn-heat/purchased, 0.11, CN, 2015, official",
    "cn-fuels-ar6, cn-fuel-ar6/natural_gas, 2.16434, CN, 2015, official",
    "cn-fuels-ar6, cn-fuel-ar6/diesel, 3.15585, CN, 2015, official",
    "cn-tce, cn-tce/lng, 1.7572, CN, 2020, unconfirmed",
    "cn-tce, cn-tce/hydrogen, 0.3329, CN, 2020, unconfirmed"
  })
  void theFactorsAreThoseThatWerePublished(
      String table, String id, String value, String region, int year, String status) {
    Factor factor = factor(table, id);
    assertEquals(value, factor.value());
    assertEquals(region, factor.region());
    assertEquals(year, factor.dataYear());
    assertEquals(status, factor.status());
  }

  @Test
  void purchasedHeatIsByTheStandardInForce() {
    String document = factor("cn-fuels", "cn-heat/purchased").document();
    assertTrue(document.startsWith("GB/T 32150-2025"), document);
  }

  @ParameterizedTest
  @CsvSource({
    "natural_gas, 0.038931, 0.01530, 0.99, 1000",
    "diesel,      0.04333,  0.02020, 0.98, 1000",
    "petrol,      0.04480,  0.01890, 0.98, 1000",
    "lpg,         0.04731,  0.01720, 0.99, 1000",
    "lng,         0.041868, 0.01530, 0.99, 1000"
  })
  void aFuelsFactorIsTheProductOfItsParameters(
      String fuel,
      BigDecimal gigajoules,
      BigDecimal carbonTonnesPerGigajoule,
      BigDecimal oxidised,
      BigDecimal kilogramsPerTonne) {
    BigDecimal product =
        gigajoules
            .multiply(carbonTonnesPerGigajoule)
            .multiply(oxidised)
            .multiply(kilogramsPerTonne)
            .multiply(BigDecimal.valueOf(44))
            .divide(BigDecimal.valueOf(12), 5, RoundingMode.HALF_EVEN);
    assertEquals(
        product.toPlainString(), factor("cn-fuels", "cn-fuel/" + fuel).value(), "kg CO2 per unit");
  }

  /** The announcements give 30 provinces, seven grids and the country; of Tibet its grid alone. */
  @ParameterizedTest
  @ValueSource(ints = {2021, 2022, 2023})
  void eachYearHasAllProvincesGridsAndTheCountry(int year) {
    Set<String> places = new TreeSet<>(Regions.chinese());
    places.remove("CN-XZ");
    assertEquals(38, places.size());
    FactorTable table = Catalogue.factors(null).load("cn-electricity").value();
    assertNotNull(table);
    assertEquals(
        List.copyOf(places),
        table.factors().stream()
            .filter(factor -> factor.basis().equals("location") && factor.dataYear() == year)
            .map(Factor::region)
            .sorted()
            .toList());
  }

  /** A reader can find what a factor was copied from. */
  @ParameterizedTest
  @MethodSource("factorFiles")
  void eachPublicationHasItsNumberOrDate(Path file) {
    FactorTable table =
        Catalogue.factors(null).load(file.getFileName().toString().replace(".yaml", "")).value();
    assertNotNull(table);
    for (Factor factor : table.factors()) {
      assertTrue(
          factor.document().matches(".*(No\\. [0-9]+|[0-9]+-20[0-9]{2}|20[0-9]{2}).*"),
          factor.document());
      if (table.name().equals("cn-electricity")) {
        assertTrue(factor.url().startsWith("http"), factor.id());
      }
    }
  }

  @Test
  void beijingIsNotTheNorth() {
    FactorTable table = Catalogue.factors(null).load("cn-electricity").value();
    assertNotNull(table);
    Factors factors = new Factors(List.of(table), "CN-BJ", ZoneId.of("Asia/Shanghai"));
    long noon = Instant.parse("2023-06-01T04:00:00Z").toEpochMilli();
    InForce found = factors.electricity("location", noon);
    assertNotNull(found);
    assertEquals("0.5554", found.used().value());
    assertFalse(found.provisional());
  }

  @Test
  void aFactorHoldsForTheYearThatItsDataDescribe() {
    Factor factor = factor("cn-electricity", "cn-elec/CN-JS/2023");
    assertEquals("2023-01-01", factor.validFrom().toString());
    assertEquals("2023-12-31", String.valueOf(factor.validTo()));
    assertEquals("kg/(kW.h)", factor.ucum());
    assertEquals("location", factor.basis());
    assertEquals("CO2", factor.gas());
  }

  private static Factor factor(String table, String id) {
    FactorTable loaded = Catalogue.factors(null).load(table).value();
    assertNotNull(loaded);
    return loaded.factors().stream()
        .filter(factor -> factor.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no factor " + id));
  }
}
