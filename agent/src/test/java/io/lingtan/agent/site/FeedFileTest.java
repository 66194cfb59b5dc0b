package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.site.Certificates.Applied;
import io.lingtan.agent.site.Feeds.BusDay;
import io.lingtan.agent.site.yaml.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates are read as every feed is. */
final class FeedFileTest {

  private static final String HEADER = "month,certificates,vintage,reference\n";

  private static final LocalDate JUNE_18 = LocalDate.of(2026, 6, 18);

  @TempDir private Path folder;

  private Certificates read(String text, String... problems) throws IOException {
    Path file = Files.writeString(folder.resolve("certificates.csv"), text);
    Problems found = new Problems(folder.resolve("site.yaml"));
    FeedFile read = FeedFile.read(file, found);
    Certificates certificates = read == null ? Certificates.NONE : read.feeds().certificates();
    assertEquals(
        List.of(problems),
        found.list().stream().map(p -> p.line() + ":" + p.column() + ": " + p.message()).toList());
    return certificates;
  }

  @Test
  void certificatesOfAMonthAreAddedUp() throws IOException {
    Certificates certificates =
        read(HEADER + "2025-06,10,2025-01,A-1\n\n2025-06,5,2024-12,A-2\n2025-07,1,2025-06,A-3\n");
    assertEquals(15, certificates.appliedTo(YearMonth.of(2025, 6)));
    assertEquals(16, certificates.applied().stream().mapToLong(Applied::count).sum());
  }

  @Test
  void energyIsNotClaimedTwice() throws IOException {
    assertEquals(
        Certificates.NONE,
        read(
            HEADER + "2025-06,10,2025-01,A-1\n2025-07,10,2025-01,A-1\n",
            "3:20: A-1 is used in line 2 already: energy claimed twice"));
  }

  @Test
  void eachWrongLineIsTold() throws IOException {
    read(
        HEADER
            + "2025-13,1,2025-01,A\n"
            + "2025-06,0,2025-01,B\n"
            + "2025-06,1,2025-07,C\n"
            + "2025-06,1,2023-05,D\n"
            + "2025-06,1,2025-01,\n"
            + "2025-06,1\n",
        "2:1: '2025-13' is no month such as 2025-06",
        "3:9: certificates is a whole number from 1, not '0'",
        "4:11: vintage 2025-07 cannot cover 2025-06: certificates are used within 24 months of"
            + " being made",
        "5:11: vintage 2023-05 cannot cover 2025-06: certificates are used within 24 months of"
            + " being made",
        "6:19: reference is the number in the registry; without one it proves nothing",
        "7:1: has 4 cells (month,certificates,vintage,reference), not 2");
  }

  @Test
  void anotherFileIsRefused() throws IOException {
    read(
        "bus,km\n",
        "1:1: the first line is one of date,bus,km; date,bus,km,kg;"
            + " month,certificates,vintage,reference; month,output_cny,denominator,price_basis");
  }

  @Test
  void kilometresOfBusesAreOfADayAndABusAndLaterOnesReplaceEarlierOnes() throws IOException {
    Problems found = new Problems(folder.resolve("site.yaml"));
    Path file = folder.resolve("fleet.csv");
    Files.writeString(file, "date,bus,km,kg\n2026-06-18,b1,241.5,9.66\n2026-06-18,b2, 250 ,\n");
    FeedFile read = FeedFile.read(file, found);
    assertEquals(List.of(), found.list());
    assertNotNull(read);
    assertEquals(64, read.sha256().length());
    assertEquals(
        List.of(
            new BusDay(JUNE_18, "b1", 241_500_000, 9_660_000L),
            new BusDay(JUNE_18, "b2", 250_000_000, null)),
        read.feeds().buses());
    Feeds later =
        FeedReader.read("date,bus,km\n2026-06-18,b2,251\n", (line, column, message) -> {});
    assertNotNull(later);
    assertEquals(
        251_000_000, read.feeds().and(later).buses().getLast().kilometresMicros(), "not added");
  }

  @Test
  void wrongCellsAreTold() throws IOException {
    read(
        "date,bus,km\n2026-06-31,b1,1\n2026-06-18,b 1,1\n2026-06-18,b1,-1\n2026-06-18,b1,1\n",
        "2:1: '2026-06-31' is no day such as 2025-06-01",
        "3:12: 'b 1' is no id of a bus: 1 to 64 of A-Z a-z 0-9 _ -",
        "4:15: km is a number from 0 to 2000, not '-1'",
        "5:12: b1 on 2026-06-18 is in line 4 already");
    read(
        "month,output_cny,denominator,price_basis\n2026-06,0,gdp,current\n2026-06,1,GDP,soon\n",
        "2:9: an output of 0 makes no intensity: leave the line out",
        "3:11: 'GDP' is no denominator; did you mean 'gdp'?",
        "3:15: price_basis is current or a year such as 2020, not 'soon'");
    read("date,bus,km\n", "1:1: there is no line below the first");
  }
}
