package io.lingtan.agent.status.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No figure says in English on a Chinese page why it has no value. */
final class FigureReasonsTest {

  private static final Path CODE = Path.of("src/main/java/io/lingtan/agent");

  private static final Path CATALOGUE =
      Path.of("src/main/resources/io/lingtan/agent/status/reasons.txt");

  /** A sentence where it becomes the reason of a figure. */
  private static final Pattern REASON =
      Pattern.compile(
          "(?:Metric\\.missing\\([^;\"]*(?:\"[^ \"]*\"[^;\"]*)?|\\b(?:why|trouble) =(?:[^;\"]*\\?)?"
              + " *|\\.ratio\\([^;\"]*(?:\"[^ \"]*\"[^;\"]*)?)\"([a-z][^\"]* [^\"]*)\"");

  @Test
  void everyReasonOfTheCodeIsThereInChinese() throws IOException {
    String catalogue = Files.readString(CATALOGUE);
    Set<String> found = new TreeSet<>();
    Set<String> lacking = new TreeSet<>();
    for (String room : new String[] {"carbon", "ledger", "meter", "bill", "status/report"}) {
      try (Stream<Path> files = Files.walk(CODE.resolve(room))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
          Matcher reason = REASON.matcher(Files.readString(file));
          while (reason.find()) {
            // What is put together ends where the code goes on.
            String begun = reason.group(1).replaceAll("%[ds]", "X");
            String said = begun + (begun.endsWith(" ") ? "X" : "");
            found.add(said);
            boolean goesOn = begun.endsWith(" ") && catalogue.contains("\n" + begun + "{");
            if (FigureReasons.chinese(said) == null && !goesOn) {
              lacking.add(file.getFileName() + ": " + said);
            }
          }
        }
      }
    }
    assertTrue(found.size() > 20, found::toString);
    assertEquals(Set.of(), lacking);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nothing was bought | 没有购电",
        "gate: timeout | gate：应答超时",
        "an older copy of the storage card was put back | 存储卡换回过旧备份",
        "pv1: exception_11 | pv1：仪表拒绝（异常码 11）",
        "tank1: no reading | tank1：还没有读数",
        "the output of 3 of 12 months was told | 12 个月里只填报了 3 个月的产值",
        "no location factor of electricity for CN-JS on 2026-07-01 | CN-JS 在 2026-07-01"
            + " 没有电力因子（基于位置）",
        "gate: its first 15 minutes are over at 10:15 | gate：首个 15 分钟到 10:15 才满"
      })
  void aReasonIsSaidInChineseWithWhatItNames(String english, String chinese) {
    assertEquals(chinese, FigureReasons.chinese(english));
    assertEquals(chinese, FigureReasons.of(english, Language.CHINESE));
    assertEquals(english, FigureReasons.of(english, Language.ENGLISH));
  }

  @Test
  void whatNobodyHasWrittenIsNotMadeUp() {
    assertNull(FigureReasons.chinese("the moon was full"));
    assertEquals("the moon was full", FigureReasons.of("the moon was full", Language.CHINESE));
  }
}
