package io.lingtan.agent.bill;

import static io.lingtan.agent.bill.BillCasesTest.number;
import static io.lingtan.agent.bill.BillCasesTest.numbers;

import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.Tariff.Period;
import io.lingtan.agent.site.TariffUser;
import io.lingtan.agent.site.TariffUser.Trade;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The cases' periods, as the built-in tariff of Jiangsu tells them. */
final class BillPeriods {

  private static final Tariff JIANGSU =
      java.util.Objects.requireNonNull(Catalogue.tariffs(null).load("jiangsu-2025").value());

  private BillPeriods() {}

  private static Tariff tariff(Node in, Node user) {
    Set<LocalDate> holidays =
        in.at("holidays").list().stream()
            .map(day -> LocalDate.parse(day.text()))
            .collect(Collectors.toSet());
    return new Tariff(
            JIANGSU.name(),
            JIANGSU.version(),
            JIANGSU.region(),
            JIANGSU.document(),
            JIANGSU.validFrom(),
            JIANGSU.validTo(),
            JIANGSU.seasons(),
            JIANGSU.extras(),
            holidays,
            null)
        .of(
            new TariffUser(
                Trade.valueOf(user.at("class").text().toUpperCase(Locale.ROOT)),
                BillCasesTest.of(user, "kVA"),
                user.has("spring_autumn_all_year")
                    && Boolean.TRUE.equals(user.at("spring_autumn_all_year").value())));
  }

  private static String period(Tariff tariff, LocalDateTime local) {
    Period period = tariff.period(local, true);
    return period == null
        ? "no_calendar"
        : period == Period.DEEP ? "deep_valley" : period.name().toLowerCase(Locale.ROOT);
  }

  private static List<String> periods(Node in, Node user) {
    Tariff tariff = tariff(in, user);
    return in.at("local").list().stream()
        .map(local -> period(tariff, LocalDateTime.parse(local.text())))
        .toList();
  }

  static Map<String, @Nullable Object> classify(Node in) {
    return Map.of("period", periods(in, in.at("user")));
  }

  static Map<String, @Nullable Object> classifyUsers(Node in) {
    return Map.of("period", in.at("users").list().stream().map(user -> periods(in, user)).toList());
  }

  static Map<String, @Nullable Object> daySplit(Node in) {
    Tariff tariff = tariff(in, in.at("user"));
    LocalDateTime start = LocalDate.parse(in.at("date").text()).atStartOfDay();
    Map<String, BigDecimal> kwh = new LinkedHashMap<>();
    for (int slot = 0; slot < number(in.at("slots")).intValueExact(); slot++) {
      LocalDateTime local =
          start.plusMinutes(slot * BillCasesTest.of(in, "slot_min").longValueExact());
      kwh.merge(period(tariff, local), BillCasesTest.of(in, "kWh_per_slot"), BigDecimal::add);
    }
    return Map.of("kWh", kwh, "total_kWh", Amounts.sum(kwh.values()));
  }

  static Map<String, @Nullable Object> hourStraddles(Node in) {
    Tariff tariff = tariff(in, in.at("user"));
    Map<String, BigDecimal> kwh = new LinkedHashMap<>();
    Set<LocalTime> mixed = new TreeSet<>();
    for (Node half : in.at("half_hours").list()) {
      LocalDateTime local = LocalDateTime.parse(half.at("local").text());
      kwh.merge(period(tariff, local), BillCasesTest.of(half, "kWh"), BigDecimal::add);
      LocalDateTime hour = local.truncatedTo(ChronoUnit.HOURS);
      if (IntStream.range(0, 60)
              .mapToObj(minute -> period(tariff, hour.plusMinutes(minute)))
              .distinct()
              .count()
          > 1) {
        mixed.add(hour.toLocalTime());
      }
    }
    return Map.of(
        "kWh",
        kwh,
        "amount_fen",
        BillCasesTest.total(BillCasesTest.charge(kwh, numbers(in.at("price_yuan_per_kWh")))),
        "hours_that_cannot_be_priced",
        mixed.stream().map(LocalTime::toString).toList());
  }
}
