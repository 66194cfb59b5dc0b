package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.correction.CorrectionReader;
import io.lingtan.agent.site.correction.CorrectionReader.Grounds;
import io.lingtan.agent.site.correction.Corrections;
import io.lingtan.agent.site.correction.Substitution;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CorrectionReaderTest {

  private static final String HEADER =
      "id,meter,figure,from,to,value,factor,reason,document,proposed,approved\n";
  private static final String GOOD =
      "C1,gate,elec.grid.import,2026-06-01T10:15,,12.4,,jump,protocol 7,Li Na,Wang Wei\n";
  private static final long AT = Instant.parse("2026-06-01T02:15:00Z").toEpochMilli();

  private final List<String> problems = new ArrayList<>();
  private String zone = "Asia/Shanghai";

  private @Nullable Corrections read(String text) {
    return CorrectionReader.read(
        "corrections.csv",
        text,
        new Grounds(
            ZoneId.of(zone),
            15,
            List.of("gate", "roof"),
            List.of("elec.grid.import", "elec.pv.generation")),
        (line, column, message) -> problems.add(line + ":" + column + " " + message));
  }

  private static Metric counted(long micros) {
    return new Metric(micros, "kW.h", Quality.EST_LINEAR, 80, 100, null, null, null);
  }

  @Test
  void aValueStandsForOneIntervalAndAFactorForAllFromThenOn() {
    Corrections read =
        read(
            HEADER
                + GOOD
                + "C2,roof,elec.pv.generation,2026-06-01T10:15,,,60/40,CT,order 3,Li Na,王伟\n");
    assertEquals(List.of(), problems);
    assertNotNull(read);
    assertEquals(AT, read.all().getFirst().startMillis());
    Metric value = read.of("gate", "elec.grid.import", AT, AT + 900_000, counted(980_000_000));
    assertEquals(12_400_000L, value.micros());
    assertEquals(Quality.SUBSTITUTED, value.quality());
    assertEquals(0, value.estimated());
    Metric next = counted(1);
    assertEquals(next, read.of("gate", "elec.grid.import", AT + 900_000, AT + 1_800_000, next));
    Metric scaled = read.of("roof", "elec.pv.generation", AT + 900_000, AT + 1_800_000, counted(1));
    assertEquals(2L, scaled.micros(), "half away from zero");
    assertEquals(100, scaled.estimated());
    Metric missing = Metric.missing("kW.h", "no reading");
    assertEquals(
        missing, read.of("roof", "elec.pv.generation", AT, AT + 900_000, missing), "of nothing");
    assertEquals(
        12_400_000L, read.of("gate", "elec.grid.import", AT, AT + 900_000, missing).micros());
    assertEquals(List.of("C1", "C2"), List.copyOf(read.during(AT, AT + 900_000).keySet()));
    assertEquals(List.of(), List.copyOf(read.during(AT - 900_000, AT).keySet()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "C1,gate,elec.grid.import,2026-06-01T10:10,,1,,r,d,a,b|2:26|no interval begins",
        "C1,gate,elec.grid.import,10:15,,1,,r,d,a,b|2:26|is no local time",
        "C1,gat,elec.grid.import,2026-06-01T10:15,,1,,r,d,a,b|2:4|did you mean 'gate'",
        "C1,gate,elec.import,2026-06-01T10:15,,1,,r,d,a,b|2:9|no figure is called",
        "C1,gate,elec.grid.import,2026-06-01T10:15,,-1,,r,d,a,b|2:44|is no amount",
        "C1,gate,elec.grid.import,2026-06-01T10:15,,1.1234567,,r,d,a,b|2:44|is no amount",
        "C1,gate,elec.grid.import,2026-06-01T10:15,,1,2,r,d,a,b|2:44|either a value or a factor",
        "C1,gate,elec.grid.import,2026-06-01T10:15,,,,r,d,a,b|2:44|either a value or a factor",
        "C1,gate,elec.grid.import,2026-06-01T10:15,,,0,r,d,a,b|2:45|is no factor",
        "C1,gate,elec.grid.import,2026-06-01T10:15,,,60/0,r,d,a,b|2:45|is no factor",
        "C1,gate,elec.grid.import,2026-06-01T10:15,2026-06-01T10:15,,2,r,d,a,b|2:43|ends after",
        "C1,gate,elec.grid.import,2026-06-01T10:15,2026-06-01T11:15,1,,r,d,a,b|2:43|one interval",
        "C1,gate,elec.grid.import,2026-06-01T10:15,,1,,,d,a,b|2:47|reason is why",
        "C1,gate,elec.grid.import,2026-06-01T10:15,,1,,r,,a,b|2:49|document is what shows it",
        "C1,gate,elec.grid.import,2026-06-01T10:15,,1,,r,d,,b|2:51|who proposed",
        "C1,gate,elec.grid.import,2026-06-01T10:15,,1,,r,d,Li Na,li  na|2:57|own proposal",
        "C 1,gate,elec.grid.import,2026-06-01T10:15,,1,,r,d,a,b|2:1|is no id",
        "C1,gate,elec.grid.import,2026-06-01T10:15,,1,,r,d|2:1|no cell holds a comma"
      })
  void aWrongLineIsToldWithItsPlaceAndSpoilsTheFile(String line, String place, String message) {
    assertNull(read(HEADER + line + "\n"));
    assertTrue(problems.getFirst().startsWith(place + " "), problems.toString());
    assertTrue(problems.getFirst().contains(message), problems.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "C1,gate,elec.grid.import,2026-06-01T10:15,,12.4,,jump,protocol 7,Li Na,Wang Wei|line 2"
            + " already",
        "C1,gate,elec.grid.import,2026-06-01T10:15,,12.5,,jump,protocol 7,Li Na,Wang"
            + " Wei|contradicts line 2",
        "C2,gate,elec.grid.import,2026-06-01T10:00,,,1.5,CT,d,a,b|contradicts line 2",
        "C1,gate,elec.grid.import,2026-06-01T10:30,,1,,other,protocol 7,Li Na,Wang Wei|in line 2"
      })
  void aSecondWordOfTheSameTimeIsRefused(String line, String message) {
    assertNull(read(HEADER + GOOD + line + "\n"));
    assertTrue(problems.getFirst().startsWith("3:"), problems.toString());
    assertTrue(problems.getFirst().contains(message), problems.toString());
  }

  @Test
  void anHourThatComesTwiceNeedsItsOffset() {
    zone = "Europe/Berlin";
    String line = "C1,gate,elec.grid.import,%s,,1,,r,d,a,b%n";
    assertNull(read(HEADER + line.formatted("2026-10-25T02:15")));
    assertTrue(problems.getFirst().contains("offset"), problems.toString());
    Corrections read =
        Objects.requireNonNull(read(HEADER + line.formatted("2026-10-25T02:15+01:00")));
    Substitution only = read.all().getFirst();
    assertEquals(Instant.parse("2026-10-25T01:15:00Z").toEpochMilli(), only.startMillis());
  }

  @Test
  void aSiteFileNamesItAndSaysWhereItIsWrong(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("site.yaml");
    Files.writeString(
        file,
        """
        gateway: g1
        site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: a
            modbus-tcp: {host: 127.0.0.1}
            devices:
              - {id: meter, profile: eastron-sdm630, unit: 1}
        metering:
          corrections: corrections.csv
          closed: 2025
          meters:
            - {id: gate, device: meter, role: grid, rated_kw: 400}
        """);
    assertTrue(
        problems(new SiteLoader().load(file)).contains("would be taken back"), "it is not there");
    Files.writeString(folder.resolve("corrections.csv"), HEADER + GOOD);
    Site site = Objects.requireNonNull(new SiteLoader().load(file).site());
    assertEquals(1, site.metering().corrections().all().size());
    assertEquals(2025, site.metering().closed());
    assertFalse(problems(new SiteLoader().load(file)).contains("can count"));
    Files.writeString(folder.resolve("corrections.csv"), HEADER + GOOD.replace("12.4", "12400"));
    Loaded wild = new SiteLoader().load(file);
    assertTrue(
        problems(wild).contains("12400 in 15m is more than gate can count: it is for 400"),
        problems(wild));
    Objects.requireNonNull(wild.site());
    Files.writeString(
        folder.resolve("corrections.csv"), HEADER + GOOD + GOOD.replace("gate", "roof"));
    Loaded loaded = new SiteLoader().load(file);
    assertNull(loaded.site());
    assertTrue(problems(loaded).contains("corrections.csv"), problems(loaded));
  }

  private static String problems(Loaded loaded) {
    return loaded.problems().toString();
  }
}
