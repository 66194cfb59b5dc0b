package io.lingtan.agent.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.Flaw;
import io.lingtan.agent.audit.verify.Recomputation;
import io.lingtan.agent.audit.verify.SealedRecord;
import io.lingtan.agent.seal.JsonValue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Figures that lie across a change of factor are worked out again part by part. */
final class SeveralFactorsTest {

  private static final long QUARTER = 900_000;
  private static final String OLD =
      "\"old\":{\"value\":\"0.6\",\"u\":\"kg/(kW.h)\",\"version\":\"1\"}";
  private static final String NEW =
      "\"new\":{\"value\":\"0.5\",\"u\":\"kg/(kW.h)\",\"version\":\"1\"}";

  private final List<Flaw> flaws = new ArrayList<>();
  private final Recomputation recomputation = new Recomputation(flaws::add);
  private int line;

  private void take(
      String length, int from, int to, String energy, String carbon, String named, String factors)
      throws Exception {
    String json =
        """
        {"epoch":"e","seq":%d,"after":0,"ts":1,"interval":"%s","start":%d,"end":%d,"rev":0,\
        "metrics":{"elec.grid.import":{"v":%s,"u":"kW.h","q":"measured","cov":100,"est":0},\
        "co2.scope2.location":{"v":%s,"u":"kg","q":"measured","cov":100,"est":0,\
        "of":"elec.grid.import",%s}},"registers":{},"factors":{%s}}\
        """
            .formatted(
                ++line, length, from * QUARTER, to * QUARTER, energy, carbon, named, factors);
    recomputation.take(SealedRecord.of(line, JsonValue.object(json)), true);
  }

  private void hour(String carbon, String named, String factors) throws Exception {
    take("1h", 0, 4, "10", carbon, named, factors);
  }

  private void quarters() throws Exception {
    take("15m", 0, 1, "1", "0.6", "\"factor\":\"old\"", OLD);
    take("15m", 1, 2, "2", "1.2", "\"factor\":\"old\"", OLD);
    take("15m", 2, 3, "3", "1.5", "\"factor\":\"new\"", NEW);
    take("15m", 3, 4, "4", "2", "\"factor\":\"new\"", NEW);
  }

  private void assertNothingButWhat(String what) {
    assertEquals(1, flaws.size(), flaws::toString);
    assertTrue(flaws.getFirst().what().contains(what), flaws.getFirst()::what);
  }

  private static final String BOTH = "\"factors\":[\"old\",\"new\"]";

  @Test
  void theSumOfItsPartsIsGoodWhateverTheirFactors() throws Exception {
    quarters();
    hour("5.3", BOTH, OLD + "," + NEW);
    assertEquals(List.of(), flaws);
    assertEquals(5, recomputation.checked());
  }

  @Test
  void anotherSumIsNot() throws Exception {
    quarters();
    hour("5.4", BOTH, OLD + "," + NEW);
    assertNothingButWhat("add up to 5.3");
  }

  @Test
  void withoutItsPartsItLiesBetweenWhatEitherFactorGives() throws Exception {
    hour("5.3", BOTH, OLD + "," + NEW);
    assertEquals(List.of(), flaws);
    assertEquals(1L, recomputation.notChecked().get("co2.scope2.location"));
    hour("6.1", BOTH, OLD + "," + NEW);
    assertNothingButWhat("lies in");
  }

  @Test
  void aFactorThatTheRecordLacksIsNamed() throws Exception {
    hour("5.3", BOTH, OLD);
    assertNothingButWhat("names new");
  }

  private void hourAgain(String carbon) throws Exception {
    hour(carbon, "\"factor\":\"new\"", NEW);
  }

  @Test
  void oneThatIsToldAgainIsTheEnergyOfItsPartsByTheNewFactor() throws Exception {
    take("15m", 0, 1, "0.000001", "0.000001", "\"factor\":\"old\"", OLD);
    take("15m", 1, 2, "0.000003", "0.000002", "\"factor\":\"old\"", OLD);
    take("15m", 2, 3, "0.000005", "0.000003", "\"factor\":\"old\"", OLD);
    take("15m", 3, 4, "9.999991", "5.999995", "\"factor\":\"old\"", OLD);
    // Half-even each: 0, 2, 2 and 4999996 milligrams.
    hourAgain("5.000000");
    assertEquals(List.of(), flaws);
    hourAgain("5.000001");
    assertNothingButWhat("add up to 5.000000");
  }
}
