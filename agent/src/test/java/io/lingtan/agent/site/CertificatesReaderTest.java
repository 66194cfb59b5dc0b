package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificatesReaderTest {

  private static final String HEADER = "month,certificates,vintage,reference\n";

  @TempDir private Path folder;

  private Certificates read(String text, String... problems) throws IOException {
    Path file = Files.writeString(folder.resolve("certificates.csv"), text);
    Problems found = new Problems(folder.resolve("site.yaml"));
    Certificates certificates = new CertificatesReader(file, found).read();
    assertEquals(
        List.of(problems), found.list().stream().map(p -> p.line() + ": " + p.message()).toList());
    return certificates;
  }

  @Test
  void certificatesOfAMonthAreAddedUp() throws IOException {
    Certificates certificates =
        read(HEADER + "2025-06,10,2025-01,A-1\n\n2025-06,5,2024-12,A-2\n2025-07,1,2025-06,A-3\n");
    assertEquals(15, certificates.appliedTo(YearMonth.of(2025, 6)));
    assertEquals(16, certificates.appliedTo(2025));
    assertEquals(0, certificates.appliedTo(2026));
  }

  @Test
  void energyIsNotClaimedTwice() throws IOException {
    assertEquals(
        Certificates.NONE,
        read(
            HEADER + "2025-06,10,2025-01,A-1\n2025-07,10,2025-01,A-1\n",
            "3: A-1 is used in line 2 already: energy claimed twice"));
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
        "2: '2025-13' is no month such as 2025-06",
        "3: certificates is a whole number from 1, not '0'",
        "4: vintage 2025-07 cannot cover 2025-06: certificates are used within 24 months of being"
            + " made",
        "5: vintage 2023-05 cannot cover 2025-06: certificates are used within 24 months of being"
            + " made",
        "6: reference is the number in the registry; without one it proves nothing",
        "7: has 4 cells (month,certificates,vintage,reference), not 2");
  }

  @Test
  void anotherFileIsRefused() throws IOException {
    read("bus,km\n", "1: begins with the line month,certificates,vintage,reference");
  }
}
