package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The greatest demand of a meter that is read each minute, as the cases of bills say. */
final class MaximumDemandCasesTest {

  private static final long MINUTE_MILLIS = 60_000;

  private static final String SITE =
      """
      gateway: g1
      site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
      lines:
        - id: a
          modbus-tcp: {host: 192.168.1.20}
          devices:
            - {id: gate, profile: eastron-sdm630, unit: 1}
      metering:
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 100000}
      """;

  private final Site site =
      Objects.requireNonNull(
          new SiteLoader()
              .read(Path.of("site.yaml"), SITE.getBytes(StandardCharsets.UTF_8))
              .site());
  private final Fold fold = new Fold(site);
  private final Collected out = new Collected();
  private long milliwattHours;

  static List<Node> cases() {
    return TruthCases.ofBills().stream()
        .filter(node -> node.at("kind").text().equals("max_demand"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theGreatestOfBlocksAndOfWindowsComeOut(Node given) {
    Node in = given.at("inputs");
    long at =
        LocalDateTime.parse(in.at("first_minute_local").text())
            .atZone(site.place().zone())
            .toInstant()
            .toEpochMilli();
    read(at);
    List<Node> minutes = in.at("minute_kWh").list();
    for (int i = 0; i < minutes.size(); i++) {
      milliwattHours += TruthCases.number(minutes.get(i)).movePointRight(6).longValueExact();
      read(at + (i + 1) * MINUTE_MILLIS);
    }
    // Until the last interval is told, nothing more is drawn.
    for (int i = minutes.size() + 1; i < minutes.size() + 60; i++) {
      read(at + i * MINUTE_MILLIS);
    }
    Node expected = given.at("expected");
    long end = at + minutes.size() * MINUTE_MILLIS;
    assertEquals(
        expected.at("block_max_kW").text(),
        TruthCases.like(expected.at("block_max_kW"), greatest("demand.block", at, end)));
    assertEquals(
        expected.at("sliding_max_kW").text(),
        TruthCases.like(expected.at("sliding_max_kW"), greatest("demand.sliding", at, end)));
  }

  private void read(long millis) {
    fold.observe(
        Sample.of(
            "gate",
            "b",
            millis * 1_000_000L,
            new Values.Builder()
                .put(Point.of("energy_import"), milliwattHours)
                .put(Point.of("energy_export"), 0)
                .build()),
        millis,
        out);
  }

  /** Of blocks that are known as a whole, and of intervals that begin within the minutes. */
  private BigDecimal greatest(String figure, long from, long to) {
    return out.newest("15m").values().stream()
        .filter(each -> each.startMillis() < to)
        .filter(each -> !figure.equals("demand.block") || each.startMillis() >= from)
        .map(each -> Collected.metric(each, figure))
        .map(Metric::micros)
        .filter(Objects::nonNull)
        .map(micros -> BigDecimal.valueOf(micros, 6))
        .reduce(BigDecimal.ZERO, BigDecimal::max);
  }
}
