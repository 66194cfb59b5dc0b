package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lingtan.agent.meter.RegisterChange.Advanced;
import io.lingtan.agent.meter.RegisterChange.Cause;
import io.lingtan.agent.meter.RegisterChange.Confirmed;
import io.lingtan.agent.meter.RegisterChange.Doubted;
import io.lingtan.agent.meter.RegisterChange.First;
import io.lingtan.agent.meter.RegisterChange.Glitch;
import io.lingtan.agent.meter.RegisterChange.Rebased;
import io.lingtan.agent.meter.RegisterChange.Retracted;
import io.lingtan.agent.meter.RegisterChange.RolledOver;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a register does, told apart. Readings in kWh here, in millionths in the code. */
final class RegisterStateTest {

  private static final long MILLION = 1_000_000L;

  /** A meter of 100 kW that wraps at 10⁶ kWh and steps by 0.01 kWh, renewed every second. */
  private static final RegisterSpec METER =
      new RegisterSpec(1_000_000 * MILLION, 10_000, 0, 1_000, 100 * MILLION);

  private final RegisterState register = new RegisterState(METER);
  private long seconds;

  private RegisterChange reads(double kwh) {
    seconds += 10;
    return register.observe(Math.round(kwh * MILLION), mark(seconds));
  }

  private static Mark mark(long seconds) {
    return new Mark(1, seconds * 1_000_000_000L, 1_764_000_000_000L + seconds * 1000);
  }

  @Test
  void aSourceThatShowsNothingWhileItStartsIsNotReset() {
    RegisterState roof = new RegisterState(METER, 600_000);
    roof.observe(41_238 * MILLION, mark(0));
    for (long second = 36_000; second <= 36_300; second += 2) {
      assertInstanceOf(Doubted.class, roof.observe(0, mark(second)));
    }
    assertEquals(
        new Glitch(41_238 * MILLION, 0, MILLION),
        roof.observe(41_239 * MILLION, mark(36_302)),
        "and its energy is not lost");
  }

  @Test
  void aSourceThatCountsFromNothingIsResetWhenItDoes() {
    RegisterState roof = new RegisterState(METER, 600_000);
    roof.observe(41_238 * MILLION, mark(0));
    roof.observe(0, mark(10));
    roof.observe(0, mark(20));
    assertEquals(
        new Rebased(Cause.RESET, 41_238 * MILLION, mark(10), 0, 20_000),
        roof.observe(20_000, mark(30)));
    roof = new RegisterState(METER, 600_000);
    roof.observe(41_238 * MILLION, mark(0));
    roof.observe(0, mark(10));
    assertInstanceOf(Doubted.class, roof.observe(0, mark(609)));
    assertInstanceOf(Rebased.class, roof.observe(0, mark(610)), "it stays so for too long");
  }

  @Test
  void nothingIsCountedBeforeTheFirstReading() {
    assertEquals(new First(), reads(18_345.67));
    assertEquals(new Advanced(20_000), reads(18_345.69));
    assertEquals(new Advanced(0), reads(18_345.69));
  }

  @Test
  void theWorkedExamplesOfE03() {
    assertEquals(6, WorkedExamples.cases("E03").size());
    for (Node example : WorkedExamples.cases("E03")) {
      Node in = example.at("inputs");
      Node expected = example.at("expected");
      switch (expected.at("flag").text()) {
        case "ROLLOVER" -> {
          var outcome = assertInstanceOf(RolledOver.class, example(in), example.path());
          assertEquals(expected.at("energy_kWh").micros(), outcome.counted(), example.path());
        }
        case "RESET", "SPIKE" -> {
          assertEquals(null, expected.at("energy_kWh").value());
          assertInstanceOf(Doubted.class, example(in), example.path());
        }
        case "METER_EXCHANGE" -> assertEquals(expected.at("energy_kWh").micros(), exchange(in));
        default -> throw new AssertionError("a flag nobody knows: " + expected);
      }
    }
  }

  /** Readings as printed on the meter, turned into primary energy as acquisition does. */
  private static RegisterChange example(Node in) {
    boolean raw = in.has("prev_raw");
    double scale = in.has("scale_kWh") ? in.at("scale_kWh").number() : 1;
    double ratio = in.has("CT") ? in.at("CT").number() * in.at("PT").number() : 1;
    String unit = raw ? "_raw" : "";
    String rating = in.has("Pmax_kW") ? "Pmax_kW" : "Pmax_primary_kW";
    double factor = scale * ratio * MILLION;
    RegisterState register =
        new RegisterState(
            new RegisterSpec(
                in.has("modulus") ? Math.round(in.at("modulus").number() * factor) : 0,
                1,
                0,
                0,
                in.at(rating).micros()));
    register.observe(Math.round(in.at("prev" + unit).number() * factor), mark(0));
    long seconds = Math.round(in.at("dt_h").number() * 3600);
    return register.observe(Math.round(in.at("cur" + unit).number() * factor), mark(seconds));
  }

  private static long exchange(Node in) {
    RegisterState register = new RegisterState(METER);
    register.observe(in.at("prev_old").micros(), mark(0));
    var end =
        (Advanced)
            register.exchanged(in.at("final_old").micros(), in.at("start_new").micros(), mark(450));
    var after = (Advanced) register.observe(in.at("cur_new").micros(), mark(900));
    return end.counted() + after.counted();
  }

  @Test
  void theCeilingIsTheOneOfTheWorkedExample() {
    Node spike =
        WorkedExamples.cases("E03").stream()
            .filter(example -> example.at("expected").at("flag").text().equals("SPIKE"))
            .findFirst()
            .orElseThrow();
    var outcome = assertInstanceOf(Doubted.class, example(spike.at("inputs")));
    // One step of the register (a millionth here) is allowed on top.
    assertEquals(spike.at("expected").at("ceiling_kWh").micros() + 1, outcome.limit());
  }

  @Test
  void oneReadingNeverMovesTheBaseDownwards() {
    reads(10_452.30);
    assertInstanceOf(Doubted.class, reads(0));
    assertEquals(
        new Glitch(10_452_300_000L, 0, 200_000), reads(10_452.50), "a meter that starts up");
  }

  @Test
  void oneReadingNeverMovesTheBaseUpwards() {
    reads(5);
    assertInstanceOf(Doubted.class, reads(53_700));
    assertEquals(new Glitch(5_000_000, 53_700_000_000L, 100_000), reads(5.1));
  }

  @Test
  void aGlitchThatCouldHaveBeenTrueIsTakenBackWhenTwoReadingsSaySo() {
    reads(100);
    assertEquals(new Advanced(300_000), reads(100.3), "100 kW may count that in ten seconds");
    assertInstanceOf(Doubted.class, reads(100.1));
    assertEquals(
        new Retracted(100 * MILLION, 100_300_000L, mark(30), 100_100_000L, 100_000, 100_000),
        reads(100.2));
    assertEquals(new Advanced(100_000), reads(100.3));
  }

  @Test
  void aFallToZeroThatLookedLikeARolloverIsTakenBack() {
    reads(999_999.7);
    assertInstanceOf(RolledOver.class, reads(0));
    assertInstanceOf(Doubted.class, reads(999_999.8));
    assertEquals(
        new Retracted(999_999_700_000L, 0, mark(30), 999_999_800_000L, 100_000, 100_000),
        reads(999_999.9));
  }

  /** An idle gas meter that nobody rated restarts: 0 twice, and then what it had counted. */
  @Test
  void whatAnUnratedMeterHadCountedBeforeARestartIsNotCountedAgain() {
    RegisterSpec unrated = new RegisterSpec(0, 10_000, 0, 1_000, 0);
    RegisterState idle = new RegisterState(unrated);
    long[] readings = {5000, 5000, 0, 0, 0};
    for (int i = 0; i < readings.length; i++) {
      idle.observe(readings[i] * MILLION, mark(10L * i));
    }
    CheckpointWriter written = new CheckpointWriter();
    idle.checkpoint(written);
    idle = RegisterState.from(new CheckpointReader(written.bytes()), unrated, 0);
    assertInstanceOf(Doubted.class, idle.observe(5000 * MILLION, mark(50)));
    assertEquals(
        new Rebased(Cause.JUMP, 0, mark(50), 5000 * MILLION, 0),
        idle.observe(5000 * MILLION, mark(60)));
    assertInstanceOf(Doubted.class, idle.observe(5060 * MILLION, mark(70)));
    assertInstanceOf(
        Confirmed.class, idle.observe(5061 * MILLION, mark(80)), "from there it counts as ever");
  }

  @Test
  void anUnratedMeterThatBeginsAnewCounts() {
    RegisterState fresh = new RegisterState(new RegisterSpec(0, 10_000, 0, 1_000, 0));
    long[] readings = {5000, 5000, 0, 0, 1};
    for (int i = 0; i < readings.length; i++) {
      fresh.observe(readings[i] * MILLION, mark(10L * i));
    }
    assertEquals(
        new Confirmed(mark(40), MILLION, MILLION, MILLION), fresh.observe(2 * MILLION, mark(50)));
  }

  /** A dispenser that nobody rated: one sample is out by three tonnes. */
  @Test
  void withoutARatingWhatWasNeverSeenBeforeWaitsForTheNextReading() {
    RegisterState mass = new RegisterState(new RegisterSpec(0, 1_000, 0, 1_000, 0));
    mass.observe(6_293_834_000L, mark(0));
    assertInstanceOf(Doubted.class, mass.observe(9_615_031_000L, mark(10)));
    assertEquals(
        new Glitch(6_293_834_000L, 9_615_031_000L, 0), mass.observe(6_293_834_000L, mark(20)));
    assertEquals(
        new Advanced(200_000), mass.observe(6_294_034_000L, mark(30)), "little of its life");
    assertInstanceOf(Doubted.class, mass.observe(6_295_034_000L, mark(35)));
    assertEquals(
        new Confirmed(mark(35), 6_295_034_000L, 1_000_000, 1_250_000),
        mass.observe(6_296_284_000L, mark(40)));
    assertEquals(new Advanced(300_000), mass.observe(6_296_584_000L, mark(50)), "usual by now");
    assertInstanceOf(Doubted.class, mass.observe(6_320_000_000L, mark(60)));
  }

  @Test
  void aRiseThatIsTakenBackIsNotHowFastARegisterMayCount() {
    RegisterState mass = new RegisterState(new RegisterSpec(0, 1_000, 0, 1_000, 0));
    mass.observe(6_293_834_000L, mark(0));
    assertInstanceOf(Advanced.class, mass.observe(6_343_834_000L, mark(10)), "below 1 % of it");
    assertInstanceOf(Doubted.class, mass.observe(6_294_034_000L, mark(20)));
    assertInstanceOf(Retracted.class, mass.observe(6_294_234_000L, mark(30)));
    assertInstanceOf(Doubted.class, mass.observe(6_344_234_000L, mark(40)), "the same once more");
  }

  @Test
  void twoReadingsThatAgreeAreAReset() {
    reads(10_452.30);
    reads(0.40);
    assertEquals(
        new Rebased(Cause.RESET, 10_452_300_000L, mark(20), 400_000, 100_000), reads(0.50));
    assertEquals(new Advanced(100_000), reads(0.60));
  }

  @Test
  void twoReadingsThatAgreeAreAJump() {
    reads(500);
    reads(740);
    assertEquals(new Rebased(Cause.JUMP, 500 * MILLION, mark(20), 740 * MILLION, 0), reads(740));
  }

  @Test
  void glitchesThatDoNotAgreeWithEachOtherConfirmNothing() {
    reads(10_452.30);
    for (double wrong : List.of(0.0, 9_000.0, 70.0, 8_000.0, 5.0)) {
      assertInstanceOf(Doubted.class, reads(wrong));
    }
    assertInstanceOf(Glitch.class, reads(10_452.90));
  }

  @Test
  void aCoarseRegisterMayStepByMoreThanItsRatingAllowsInThatTime() {
    // An Acrel with CT 80 steps by 0.8 kWh; 400 kW over a second is 0.13 kWh.
    RegisterState coarse = new RegisterState(new RegisterSpec(0, 800_000, 0, 1_000, 400 * MILLION));
    coarse.observe(800 * MILLION, mark(0));
    assertEquals(new Advanced(800_000), coarse.observe(800_800_000, mark(1)));
  }

  @Test
  void aRegisterThatIsRenewedOnceAMinuteMayRiseByAMinutesWorth() {
    RegisterState lazy = new RegisterState(new RegisterSpec(0, 1, 0, 60_000, 60 * MILLION));
    lazy.observe(0, mark(0));
    assertEquals(new Advanced(1_000_000), lazy.observe(1_000_000, mark(1)));
  }

  @Test
  void aFloatRegisterStepsByTheUnitInItsLastPlace() {
    // At 2^24 kWh neighbouring float32 values are 2 kWh apart.
    RegisterSpec floating = new RegisterSpec(0, 1, 1e6, 0, MILLION);
    RegisterState register = new RegisterState(floating);
    register.observe((1L << 24) * MILLION, mark(0));
    assertEquals(new Advanced(2 * MILLION), register.observe(((1L << 24) + 2) * MILLION, mark(1)));
    assertInstanceOf(Doubted.class, register.observe(((1L << 24) + 6) * MILLION, mark(2)));
  }

  @Test
  void afterASilenceInWhichItMayHaveGoneRoundTwiceNothingIsCountedEvenIfItRose() {
    // uint16 × 0.01 kWh at 100 kW: after 2.7 h.
    RegisterSpec small = new RegisterSpec(655_360_000L, 10_000, 0, 1_000, 100 * MILLION);
    RegisterState register = new RegisterState(small);
    register.observe(100 * MILLION, mark(0));
    var outcome = register.observe(200 * MILLION, mark(10_000));
    assertEquals(
        new Rebased(Cause.TURNS_UNKNOWN, 100 * MILLION, mark(10_000), 200 * MILLION, 0), outcome);
    assertEquals(new Advanced(MILLION), register.observe(201 * MILLION, mark(10_060)));
  }

  @Test
  void anEqualReadingProvesZeroHoweverLongTheSilence() {
    RegisterSpec small = new RegisterSpec(655_360_000L, 10_000, 0, 1_000, 100 * MILLION);
    RegisterState register = new RegisterState(small);
    register.observe(100 * MILLION, mark(0));
    assertEquals(new Advanced(0), register.observe(100 * MILLION, mark(1_000_000)));
  }

  @Test
  void aStepOfTheWallClockChangesNoDuration() {
    register.observe(1_000 * MILLION, new Mark(1, 0, 1_764_000_000_000L));
    // An hour's worth of energy in ten seconds, though the wall clock says an hour has passed.
    var outcome =
        register.observe(1_100 * MILLION, new Mark(1, 10_000_000_000L, 1_764_003_600_000L));
    assertInstanceOf(Doubted.class, outcome);
    // And back: it still advances.
    outcome = register.observe(1_000_100_000L, new Mark(1, 20_000_000_000L, 1_763_990_000_000L));
    assertInstanceOf(Glitch.class, outcome);
  }

  @Test
  void whatWasWrittenDownCountsAlsoWhereTheSerialNumberTellsOfTheExchangeFirst() {
    reads(40_000);
    register.exchanged();
    assertEquals(new Advanced(10_000), register.exchanged(40_000_010_000L, 5 * MILLION, mark(20)));
    assertEquals(new Advanced(20_000), reads(5.02), "of the new meter");
  }

  @Test
  void aRegisterThatIsRenewedOnceAMinuteHasNoGlitches() {
    reads(100);
    long moved = 0;
    for (int i = 1; i <= 62; i++) {
      // Twice what may be counted from one reading to the next, and then the same again.
      int minutes = i / 6;
      RegisterChange outcome = reads(100 + 0.5 * minutes);
      assertFalse(outcome instanceof Glitch, () -> outcome.toString());
      moved += outcome instanceof Advanced(long counted) && counted > 0 ? 1 : 0;
    }
    assertEquals(10, moved);
  }

  @Test
  void anAnnouncedExchangeIsBelievedAtOnce() {
    reads(45_678.9);
    register.exchanged();
    assertInstanceOf(Rebased.class, reads(12.3));
    assertEquals(new Advanced(100_000), reads(12.4));
  }

  @Test
  void readingsThatContradictTheOldMeterAreRefused() {
    reads(45_678.9);
    assertThrows(
        IllegalArgumentException.class, () -> register.exchanged(45_000 * MILLION, 0, mark(20)));
  }

  @Test
  void aStateThatWasWrittenDownGoesOnTheSame() {
    List<Double> readings =
        List.of(
            999_999.0, 999_999.9, 0.0, 0.1, 50_000.0, 0.2, 0.9, 0.3, 0.4, 70_000.0, 70_000.1, 0.1,
            0.2);
    for (int cut = 0; cut <= readings.size(); cut++) {
      RegisterState whole = new RegisterState(METER);
      RegisterState parted = new RegisterState(METER);
      for (int i = 0; i < readings.size(); i++) {
        if (i == cut) {
          CheckpointWriter written = new CheckpointWriter();
          parted.checkpoint(written);
          parted = RegisterState.from(new CheckpointReader(written.bytes()), METER, 0);
        }
        long reading = Math.round(readings.get(i) * MILLION);
        assertEquals(whole.observe(reading, mark(i * 10L)), parted.observe(reading, mark(i * 10L)));
      }
    }
  }
}
