package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.BillTerms;
import io.lingtan.agent.site.BillTerms.Basic;
import io.lingtan.agent.site.BillTerms.MonthPrices;
import io.lingtan.agent.site.BillTerms.Reading;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.SmallFile;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.Tariff.Period;
import io.lingtan.agent.site.TariffUser;
import io.lingtan.agent.site.TariffUser.Trade;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.YamlReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads {@code bill}: how electricity is billed, and the file with its prices. */
final class BillReader {

  private static final Duration QUARTER = Duration.ofMinutes(15);
  private static final String FLAT = PriceReader.word(Period.FLAT);
  private static final BigDecimal P80 = new BigDecimal("0.80");
  private static final BigDecimal P85 = new BigDecimal("0.85");
  private static final BigDecimal P90 = new BigDecimal("0.90");
  private static final Map<String, @Nullable BigDecimal> STANDARDS =
      Map.of("0.8", P80, "0.80", P80, "0.85", P85, "0.9", P90, "0.90", P90);

  private final Fields fields;
  private final SiteFiles files;
  private final Problems problems;
  private final @Nullable TariffUser user;
  private boolean isBillable = true;

  BillReader(Fields site, SiteFiles files, Problems problems) {
    this.fields = site.group("bill", Section.BILL);
    this.files = files;
    this.problems = problems;
    this.user = site.isWritten("bill") ? readUser() : null;
  }

  /** Who buys, null where nothing is said of a bill. */
  @Nullable TariffUser user() {
    return user;
  }

  private TariffUser readUser() {
    fields.require("class", "industry or commerce");
    fields.require("kva", "transformers and high-voltage motors");
    BigDecimal kva = fields.decimal("kva", "1", TariffReader.MOST_KVA);
    Trade trade = fields.choice("class", TariffReader.TRADES, null);
    return new TariffUser(
        trade == null ? Trade.INDUSTRY : trade,
        kva == null ? BigDecimal.ONE : kva,
        fields.flag("one_season", false));
  }

  /**
   * @param devices by id
   */
  @Nullable BillTerms read(
      Site.Metering metering, Map<String, DeviceReader.Declared> devices, ZoneId zone) {
    TariffUser of = user;
    if (of == null) {
      return null;
    }
    Tariff tariff = metering.tariff();
    if (of.oneSeason() && (tariff == null || !tariff.isOneSeason(of))) {
      problems.error(
          fields.valueAt("one_season"), "the site's tariff leaves no such choice to this user");
    }
    Basic basic =
        fields.choice(
            "basic",
            Map.of(
                "none", Basic.NONE,
                "capacity", Basic.CAPACITY,
                "contract", Basic.CONTRACT,
                "demand", Basic.DEMAND),
            Basic.NONE);
    if (basic == Basic.CONTRACT) {
      fields.require("contract_kw", "the demand that was agreed");
    }
    boolean sliding = fields.choice("demand", Map.of("block", false, "sliding", true), false);
    if ((basic == Basic.CONTRACT || basic == Basic.DEMAND)
        && !sliding
        && !metering.interval().equals("15m")) {
      refuse(
          fields.valueAt("basic"),
          "the demand of a block of 15 minutes is known with metering.interval: 15m alone, not "
              + metering.interval()
              + ": write that, or demand: sliding if the meter is set so");
    }
    if (fields.isWritten("power_factor") && !countsReactive(metering, devices)) {
      problems.warning(
          fields.valueAt("power_factor"),
          "no gate meter counts reactive energy: no month will have a total");
    }
    Set<String> periods =
        tariff == null
            ? Set.of(FLAT)
            : tariff.periods(metering.tariffExtras()).stream()
                .map(PriceReader::word)
                .collect(Collectors.toSet());
    List<MonthPrices> prices = prices(periods, basic, zone);
    if (prices.stream().anyMatch(each -> each.spot() != null)
        && QUARTER.toMillis() % metering.base().toMillis() != 0) {
      refuse(
          fields.valueAt("prices"),
          "spot prices are of 15 minutes, which intervals of "
              + metering.interval()
              + " cross: write metering.interval: 15m, 5m or 1m");
    }
    for (MonthPrices each : prices) {
      if (each.calendar() != null && !each.calendar().fits(metering.base().toMinutes())) {
        refuse(
            fields.valueAt("prices"),
            "a part of the calendar "
                + each.calendar().name()
                + " begins within an interval of "
                + metering.interval()
                + ": write a shorter metering.interval");
      }
    }
    if (tariff == null
        && prices.stream().anyMatch(each -> each.calendar() == null && each.factors().size() > 1)) {
      problems.warning(
          fields.at("prices"),
          "these prices differ by period, and the site has no metering.tariff: all is billed as"
              + " flat");
    }
    return new BillTerms(
        of,
        basic,
        fields.decimal("contract_kw", "1", TariffReader.MOST_KVA),
        share("contract_floor", BillTerms.USUAL_FLOOR),
        fields.choice("over_contract", Map.of("A", Reading.A, "B", Reading.B), Reading.A),
        sliding,
        transformers(of.kva()),
        decimal("discount_from", "1000", BillTerms.USUAL_DISCOUNT_FROM),
        share("discount", BillTerms.USUAL_DISCOUNT),
        fields.choice("power_factor", STANDARDS, null),
        outside(prices),
        decimal("purchase_factor", "10", BigDecimal.ONE),
        response(),
        isBillable ? prices : List.of());
  }

  /** Without the motors; where nothing is said of these, there are none. */
  private BigDecimal transformers(BigDecimal installed) {
    BigDecimal kva = fields.decimal("transformer_kva", "1", TariffReader.MOST_KVA);
    if (kva != null && kva.compareTo(installed) > 0) {
      problems.error(
          fields.valueAt("transformer_kva"),
          "transformers alone are more than kva, which is transformers and high-voltage motors");
    }
    return kva == null ? installed : kva;
  }

  private BillTerms.@Nullable Response response() {
    if (!fields.isWritten("response")) {
      return null;
    }
    Fields rule = fields.group("response", Section.RESPONSE);
    rule.require("source", "the notice that the rule stands in");
    rule.require("price", "yuan for each kWh");
    BigDecimal from = rule.decimal("paid_from", "0", "1");
    BigDecimal to = rule.decimal("paid_to", "0", "10");
    BigDecimal least = from == null ? BigDecimal.ZERO : from;
    if (to != null && to.compareTo(least) < 0) {
      problems.error(rule.valueAt("paid_to"), "paid_to is below paid_from: nothing is ever paid");
    }
    BigDecimal price = rule.decimal("price", "0", "100");
    BigDecimal charge = rule.decimal("charge", "0", "10");
    BigDecimal below = rule.decimal("charged_below", "0", "1");
    return new BillTerms.Response(
        rule.text("source", ""),
        price == null ? BigDecimal.ZERO : price,
        rule.choice("baseline", Map.of("adjusted", true, "mean", false), true),
        rule.choice("by", Map.of("hour", true, "event", false), false),
        least,
        to,
        charge == null ? BigDecimal.ZERO : charge,
        below == null ? BigDecimal.ONE : below);
  }

  private static boolean countsReactive(
      Site.Metering metering, Map<String, DeviceReader.Declared> devices) {
    return metering.meters().stream()
        .filter(meter -> meter.role() == Role.GRID)
        .map(meter -> devices.get(meter.device()))
        .map(declared -> declared == null ? null : declared.device())
        .filter(Objects::nonNull)
        .map(Device::profile)
        .anyMatch(
            profile ->
                RoleNeeds.measures(profile, Quantity.REACTIVE_ENERGY_IMPORT)
                    || RoleNeeds.measures(profile, Quantity.REACTIVE_ENERGY_EXPORT));
  }

  /** What is wrong with the bill alone keeps no meter from being read. */
  private void refuse(Yaml at, String why) {
    problems.errorAside(at, why);
    isBillable = false;
  }

  /** A name that no price has would leave the adjustment of too much. */
  private Set<String> outside(List<MonthPrices> prices) {
    if (!fields.isWritten("outside")) {
      return Set.of("funds", "green");
    }
    Set<String> parts = new TreeSet<>();
    for (MonthPrices each : prices) {
      parts.addAll(each.floated().keySet());
      parts.addAll(each.fixed().keySet());
    }
    Set<String> outside = new HashSet<>();
    for (Yaml.Text word : fields.words("outside")) {
      outside.add(word.text());
      if (!prices.isEmpty() && !parts.contains(word.text())) {
        refuse(
            word,
            "'%s' is no part of the prices%s"
                .formatted(word.text(), Words.instead(word.text(), parts)));
      }
    }
    return outside;
  }

  private BigDecimal share(String key, BigDecimal otherwise) {
    return decimal(key, "1", otherwise);
  }

  private BigDecimal decimal(String key, String most, BigDecimal otherwise) {
    BigDecimal written = fields.decimal(key, "0", most);
    return written == null ? otherwise : written;
  }

  private List<MonthPrices> prices(Set<String> periods, Basic basic, ZoneId zone) {
    fields.require("prices", "a file with what a kWh costs");
    Path file = files.path(fields, "prices");
    if (file == null) {
      return List.of();
    }
    Problems own = new Problems(file);
    List<MonthPrices> prices = List.of();
    try {
      Yaml root = YamlReader.read(SmallFile.read(file, YamlReader.LARGEST), own);
      if (root instanceof Yaml.Text) {
        own.error(root, "a price file has keys, and this is a text"); // perhaps a secret one
      } else if (root != null) {
        prices =
            new PriceReader(file, fields.text("voltage"), periods, basic, zone, own)
                .read(Fields.of(Section.PRICE_FILE, root, own));
      }
    } catch (IOException e) {
      problems.errorAside(
          fields.valueAt("prices"),
          e instanceof NoSuchFileException
              ? file + " does not exist; config/prices/example.yaml is one to start from"
              : file + " cannot be read: " + e.getMessage());
    }
    // Edited each month, and no meter is read by it: with a slip in it there is no bill, no more.
    problems.addAside(own.list());
    return own.errors() == 0 ? prices : List.of();
  }
}
