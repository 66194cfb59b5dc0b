package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.Certificates.Applied;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.FeedReader.Known;
import io.lingtan.agent.site.Feeds.BusDay;
import io.lingtan.agent.site.activity.Activity;
import io.lingtan.agent.site.activity.ActivityReader;
import io.lingtan.agent.site.yaml.Problem.Severity;
import io.lingtan.agent.site.yaml.Problems;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @ParameterizedTest
  @CsvSource({
    "R1, r1",
    "R1, R1\u200B",
    "R1, \u202ER1",
    "R1, \uFF321",
    "R 1, R  1",
    "\u00E91, e\u03011",
    "71, 0071",
    "INV-7, inv\u20117",
    "INV-7, INV\u20147",
  })
  void oneNumberIsOneHoweverItIsWritten(String first, String second) throws IOException {
    read(
        HEADER + "2026-06,10,2026-05," + first + "\n2026-07,10,2026-05," + second + "\n",
        "3:20: " + second + " is used in line 2 already: energy claimed twice");
    Applied one = new Applied(YearMonth.of(2026, 6), 10, YearMonth.of(2026, 5), first);
    Applied other = new Applied(YearMonth.of(2026, 7), 10, YearMonth.of(2026, 5), second);
    Certificates both = new Certificates(List.of(one)).and(new Certificates(List.of(other)));
    assertEquals(List.of(other), both.applied());
    if (!second.matches(".*\\p{Cf}.*")) {
      String row = "2026-06-18,lpg,735,kg,,Wang,";
      assertEquals(
          List.of("3:12: lpg of 2026-06-18 in " + first + " is in line 2 already"),
          problems(KNOWN, FUEL + row + first + "\n" + row + second + "\n").stream()
              .map(problem -> problem.replaceFirst(", otherwise.*", ""))
              .toList());
    }
  }

  @Test
  void otherNumbersAreOthersAndOneOfASpreadsheetIsNone() throws IOException {
    read(
        HEADER
            + "2026-06,10,2026-05,R-10\n2026-06,10,2026-05,R-1-0\n2026-06,10,2026-05,10\n"
            + "2026-06,10,2026-05,100\n2026-06,10,2026-05,0\n2026-06,10,2026-05,1E5\n");
    read(
        HEADER + "2026-06,10,2026-05,3.20101E+17\n",
        "2:20: 3.20101E+17 is what a spreadsheet made of a long number: format the column as text"
            + " and write the number again");
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
        "7:1: has 4 cells (month,certificates,vintage,reference), not 2: no cell holds a comma, and"
            + " a number no separator of thousands");
  }

  /** What spreadsheets make of a table. */
  @Test
  void aTableOfASpreadsheetIsTakenOrToldWhatToDo() throws IOException {
    String row = "2026-06,10,2026-01,A-1\n";
    assertEquals(
        1, read("\uFEFF" + (HEADER + row).replace("\n", "\r\n") + ",,,\r\n").applied().size());
    String exactly =
        "1:1: the first line is month,certificates,vintage,reference exactly: commas between"
            + " cells, none behind the last, no quotes";
    for (String other : List.of(";", "\t", "，")) {
      read((HEADER + row).replace(",", other), exactly);
    }
    read(HEADER.replace("\n", ",,\n") + row, exactly);
    read(HEADER.replace("month", "\"Month\"") + row, exactly);
    read(
        HEADER + "2026-06,\"1,000\",2026-01,A-1\n",
        "2:1: has 4 cells (month,certificates,vintage,reference), not 5: no cell holds a comma, and"
            + " a number no separator of thousands");
    read("date,bus,km\n0026-06-18,b1,1\n", "2:1: '0026-06-18' is no day such as 2025-06-01");
    read(
        HEADER + "0026-06,10,0026-01,A\n",
        "2:1: '0026-06' is no month such as 2025-06",
        "2:12: '0026-01' is no month such as 2025-06");
    assertEquals(
        List.of(
            "2:31: by is who says so, 1 to 64 characters without ; ( and )",
            "3:36: document is the number of the delivery note or invoice, 1 to 64 characters"
                + " without ; ( and )"),
        problems(
            KNOWN,
            FUEL
                + "2026-06-18,diesel,1250,L,0.84,Wa\u200Bng,INV-1\n"
                + "2026-06-18,diesel,1250,L,0.84,Wang,\u202E1-VNI\n"));
  }

  @Test
  void whatIsNotInUtf8IsRefusedAndWhatWasCutIsDoubted() throws IOException {
    Path file = folder.resolve("fuel.csv");
    String text = FUEL + "2026-06-18,diesel,1250,L,0.84,王,单据-1\n";
    for (String charset : List.of("GBK", "UTF-16")) {
      Files.write(file, text.getBytes(Charset.forName(charset)));
      Problems found = new Problems(folder.resolve("site.yaml"));
      assertNull(FeedFile.read(file, found));
      assertEquals(
          "line "
              + (charset.equals("GBK") ? 2 : 1)
              + " is not in UTF-8: save the table as CSV UTF-8: no feed",
          found.list().getFirst().message());
    }
    Files.writeString(file, "date,bus,km\n2026-06-17,b1,241.5\n2026-06-18,b1,2");
    Problems found = new Problems(folder.resolve("site.yaml"));
    assertNotNull(FeedFile.read(file, found));
    assertEquals(Severity.WARNING, found.list().getFirst().severity());
    assertEquals(3, found.list().getFirst().line());
    assertEquals(
        "the last line has no end: if the file was cut while it was copied, this line is not whole",
        found.list().getFirst().message());
  }

  @Test
  void anotherFileIsRefused() throws IOException {
    read(
        "bus,km\n",
        "1:1: the first line is one of date,bus,km; date,bus,km,kg;"
            + " date,curtailed,kwh,by,document;"
            + " date,fuel,amount,unit,density_kg_per_l,by,document;"
            + " date,heat,tonnes,enthalpy_kj_per_kg,return_kj_per_kg,temperature_c,gj,by,document;"
            + " date,hydrogen,kg,kgco2e_per_kg,supplier,by,document;"
            + " date,refrigerant,charged_kg,recovered_kg,by,document;"
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

  private static final String FUEL = ActivityReader.FUEL + "\n";
  private static final FeedReader.Known KNOWN =
      new FeedReader.Known(
          Set.of("diesel", "lpg"), Set.of("R-410A"), true, Feeds.NONE, LocalDate.of(2026, 6, 20));

  private static List<String> problems(FeedReader.Known known, String text) {
    List<String> problems = new ArrayList<>();
    Feeds feeds =
        FeedReader.read(
            text,
            known,
            (line, column, message) -> problems.add(line + ":" + column + ": " + message));
    assertEquals(problems.isEmpty(), feeds != null, "nothing is half taken");
    return problems;
  }

  @Test
  void fuelIsAMassWhateverItsUnit() {
    Feeds feeds =
        FeedReader.read(
            FUEL
                + "2026-06-18,diesel,1250,L,0.84,Wang,INV-1\n"
                + "2026-06-18,diesel,1.25,m3,0.84,Wang,INV-2\n"
                + "2026-06-18,lpg,735,kg,,Wang,INV-3\n"
                + "2026-06-19,lpg,0.735,t,,Wang,INV-3\n",
            KNOWN,
            (line, column, message) -> {});
    assertNotNull(feeds);
    assertEquals(
        List.of(1_050_000_000L, 1_050_000_000L, 735_000_000L, 735_000_000L),
        feeds.activities().stream().map(Activity::micros).toList());
    assertEquals(
        "1250 L × 0.84 kg/L (INV-1, Wang)",
        feeds.activities().getFirst().words(),
        "who and by what");
  }

  @Test
  void badRowsOfActivitiesAreTold() {
    assertEquals(
        List.of(
            "2:12: the files of carbon.factors have no factor for a kilogram burnt of 'diesl'; did"
                + " you mean 'diesel'?",
            "3:19: amount is a number from 0 to 10000000, not '-5'",
            "4:23: L needs the density of the delivery in kg/L: a litre is no kilogram",
            "5:1: 2026-06-21 is still to come: by 2026-06-20 nobody can tell of it",
            "6:21: 'gal' is no unit of a fuel: kg, t, L or m3",
            "7:24: a density is for L and m3: leave it empty beside kg",
            "8:23: a density is 0.3..1.2 kg/L, not '840'",
            "9:25: by is who says so, 1 to 64 characters without ; ( and )",
            "9:26: document is the number of the delivery note or invoice, 1 to 64 characters"
                + " without ; ( and )"),
        problems(
            KNOWN,
            FUEL
                + "2026-06-18,diesl,1,kg,,Wang,A\n"
                + "2026-06-18,diesel,-5,L,0.84,Wang,B\n"
                + "2026-06-18,diesel,5,L,,Wang,C\n"
                + "2026-06-21,diesel,5,kg,,Wang,D\n"
                + "2026-06-18,diesel,5,gal,,Wang,E\n"
                + "2026-06-18,diesel,5,kg,0.84,Wang,F\n"
                + "2026-06-18,diesel,5,L,840,Wang,G\n"
                + "2026-06-18,diesel,5,kg,,,\n"));
    assertEquals(
        List.of(
            "2:12: the files of carbon.factors have no warming potential of 'R-22': ipcc-gwp-ar5"
                + " and ipcc-gwp-ar6 have some; known: R-410A",
            "3:21: more was recovered than charged: what was in the machine before is not known"
                + " here",
            "4:19: charged_kg is a number from 0 to 10000000, not '-1'"),
        problems(
            KNOWN,
            ActivityReader.REFRIGERANT
                + "\n2026-06-18,R-22,1,0,Li,W-1\n"
                + "2026-06-18,R-410A,1,2,Li,W-2\n"
                + "2026-06-18,R-410A,-1,0,Li,W-3\n"));
    assertEquals(
        List.of(
            "2:12: 'ice' is no heat: steam or hot_water",
            "3:20: enthalpy is 419..4000 kJ/kg, not '2.777'",
            "4:26: steam has no such state: leave this empty",
            "5:18: gj says it all: leave this empty",
            "6:26: a temperature is 20..200 °C, not '15'",
            "7:26: no more can return than the steam brought: less than its enthalpy, in kJ/kg"),
        problems(
            KNOWN,
            ActivityReader.HEAT
                + "\n2026-06-18,ice,1,,,,,Li,H-1\n"
                + "2026-06-18,steam,1,2.777,,,,Li,H-2\n"
                + "2026-06-18,steam,1,2777,,75,,Li,H-3\n"
                + "2026-06-18,steam,1,,,,3,Li,H-4\n"
                + "2026-06-18,hot_water,1,,,15,,Li,H-5\n"
                + "2026-06-18,steam,1,777.1,888,,,Li,H-6\n"));
  }

  @Test
  void steamOfKilocaloriesIsDoubted() throws IOException {
    String heat = ActivityReader.HEAT + "\n2026-06-18,steam,1,%s,,,,Li,H-1\n";
    read(heat.formatted(2500));
    read(
        heat.formatted(660),
        "2:20: steam of 660 kJ/kg is wet or water, dry steam has 2500 and more: is it kcal/kg, of"
            + " which each is 4.1868 kJ/kg?");
  }

  @Test
  void anAmountThatIsTooLittleTakesNothingBack() {
    assertEquals(
        List.of(
            "2:19: 0.0000001 kg is less than a millionth of a kg: in another unit?",
            "3:19: 0.0000000001 t is less than a millionth of a kg: in another unit?"),
        problems(
            KNOWN,
            FUEL
                + "2026-06-18,diesel,0.0000001,kg,,Wang,INV-1\n"
                + "2026-06-18,diesel,1e-10,t,,Wang,INV-2\n"));
    assertEquals(List.of(), problems(KNOWN, FUEL + "2026-06-18,diesel,0,kg,,Wang,INV-1\n"));
  }

  private static Factor factor(String carrier, String basis, String region, String status) {
    LocalDate from = LocalDate.of(2015, 1, 1);
    return new Factor(
        carrier, carrier, region, basis, "CO2", "1", "kg/kg", 2015, from, null, "", "", status,
        null);
  }

  @Test
  void whatHasNoFactorAtTheSiteIsRefusedBeforeItsTotalHasNone() {
    List<FactorTable> tables =
        List.of(
            new FactorTable(
                "t",
                "1",
                List.of(
                    factor("diesel", "combustion", "CN", "official"),
                    factor("lpg", "combustion", "CN", "unconfirmed"),
                    factor("heat", "purchased_heat", "CN", "official"),
                    factor("R-32", FactorTable.GWP100, "CN", "official")),
                null));
    String fuel = FUEL + "2026-06-18,%s,1,kg,,Wang,A\n";
    String heat = ActivityReader.HEAT + "\n2026-06-18,steam,1,2777,,,,Li,H-1\n";
    String gas = ActivityReader.REFRIGERANT + "\n2026-06-18,R-32,1,0,Li,W-1\n";
    Known jiangsu = Known.of(tables, "CN-JS", Set.of());
    assertEquals(List.of(), problems(jiangsu, fuel.formatted("diesel")));
    assertEquals(List.of(), problems(jiangsu, heat));
    assertEquals(1, problems(jiangsu, fuel.formatted("lpg")).size(), "unconfirmed");
    Known trusting = Known.of(tables, "CN-JS", Set.of(Standing.UNCONFIRMED));
    assertEquals(List.of(), problems(trusting, fuel.formatted("lpg")));
    Known bavaria = Known.of(tables, "DE-BY", Set.of());
    assertEquals(1, problems(bavaria, fuel.formatted("diesel")).size(), "another country's");
    assertEquals(
        List.of(
            "2:12: the files of carbon.factors have no factor of heat that is bought: cn-fuels has"
                + " one"),
        problems(bavaria, heat));
    assertEquals(List.of(), problems(bavaria, gas), "a gas warms everywhere");
    Factors factors = new Factors(tables, "DE-BY", ZoneId.of("Europe/Berlin"));
    assertNotNull(factors.find("R-32", FactorTable.GWP100, 1_781_740_800_000L));
  }

  @Test
  void aRowThatIsThereTwiceIsRefusedAndSoIsOneThatContradictsAnother() {
    String row = "2026-06-18,diesel,1250,L,0.84,Wang,INV-1\n";
    String other = "2026-06-18,diesel,1300,L,0.84,Wang,INV-1\n";
    assertEquals(
        List.of("3:12: diesel of 2026-06-18 in INV-1 is in line 2 already"),
        problems(KNOWN, FUEL + row + row));
    assertEquals(
        List.of(
            "3:12: diesel of 2026-06-18 in INV-1 is in line 2 already, otherwise: 1250 L × 0.84"
                + " kg/L (INV-1, Wang)"),
        problems(KNOWN, FUEL + row + other));
    Feeds told = FeedReader.read(FUEL + row, (line, column, message) -> {});
    assertNotNull(told);
    assertEquals(
        List.of(
            "2:12: diesel of 2026-06-18 in INV-1 is told by another file already, otherwise: 1250 L"
                + " × 0.84 kg/L (INV-1, Wang)"),
        problems(KNOWN.and(told), FUEL + other));
    assertEquals(List.of(), problems(KNOWN, FUEL + row + row.replace("INV-1", "INV-2")));
  }

  @Test
  void aDayOfYearsAgoIsDoubtedInAFileAndRefusedByACommand() throws IOException {
    String rows = FUEL + "2021-06-19,diesel,1,t,,Wang,A\n2012-06-18,diesel,1,t,,Wang,B\n";
    Path file = Files.writeString(folder.resolve("f.csv"), rows);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-06-18T09:00:00Z")));
    Problems found = new Problems(folder.resolve("site.yaml"));
    assertNotNull(FeedFile.read(file, found));
    assertEquals(
        List.of(
            "WARNING diesel of 2012-06-18 in B is more than 5 years before the file was written:"
                + " a wrong year?"),
        found.list().stream().map(p -> p.severity() + " " + p.message()).toList());
    String why = " is more than 400 days ago: a wrong year, or a row for a file of carbon.feeds";
    LocalDate today = LocalDate.parse("2026-06-18");
    assertEquals(
        List.of("2:1: 2021-06-19" + why, "3:1: 2012-06-18" + why), problems(KNOWN.on(today), rows));
    assertEquals(
        List.of("2:1: 2012-06-18" + why),
        problems(KNOWN.on(today), "date,bus,km\n2012-06-18,b1,200\n"));
    assertEquals(List.of(), problems(KNOWN.on(today), FUEL + "2025-05-14,diesel,1,t,,Wang,A\n"));
  }

  @Test
  void aDayAfterTheOneOnWhichTheFileWasWrittenIsDoubted() throws IOException {
    Path file =
        Files.writeString(folder.resolve("f.csv"), FUEL + "2026-06-18,diesel,1,t,,Wang,A\n");
    for (String[] each :
        new String[][] {
          {"2026-06-17T11:00:00Z", ""},
          {
            "2026-06-16T09:00:00Z",
            "WARNING diesel of 2026-06-18 in A was still to come when the file was written, by"
                + " 2026-06-16: a wrong day, or this machine's clock was behind"
          },
          {"1970-01-01T00:10:00Z", ""}
        }) {
      Files.setLastModifiedTime(file, FileTime.from(Instant.parse(each[0])));
      Problems found = new Problems(folder.resolve("site.yaml"));
      FeedFile read = FeedFile.read(file, found);
      assertNotNull(read, "a clock that was behind keeps no site from starting: " + each[0]);
      assertEquals(
          each[1],
          found.list().stream()
              .map(p -> p.severity() + " " + p.message())
              .collect(Collectors.joining()),
          each[0]);
    }
  }
}
