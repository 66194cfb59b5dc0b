package io.lingtan.simulator.referee;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a reading. */
final class TruthTest {
  private static final long AT = 1_764_060_000_000L;

  private final Truth truth = new Truth(2);

  @BeforeEach
  void serve() {
    truth.served(reply(1, 0, false, 100));
    truth.served(reply(1, 0, false, 101));
    truth.served(reply(2, 0, true, 200));
  }

  private static Units.Served reply(int unit, int phase, boolean late, long counts) {
    return new Units.Served(unit, phase, AT, late, List.of(new Units.Shown(Place.ENERGY, counts)));
  }

  private static Delivered value(
      int unit, Place place, String counts, @Nullable String key, @Nullable Long at) {
    return new Delivered(unit, place, new BigDecimal(counts), key, at);
  }

  private Truth.Count first() {
    return truth.count(0, "first");
  }

  @Test
  void aReadingThatNeverArrivesIsLost() {
    truth.delivered(value(1, Place.ENERGY, "100.000", null, AT), 0);
    assertEquals(new Truth.Count("first", 2, 1, 1, 0, 1, 0, 0, 0, 0), first());
    assertEquals(1, truth.outstanding());
  }

  @Test
  void aLateReadingNeedNotArriveAndIsTrueIfItDoes() {
    truth.delivered(value(2, Place.ENERGY, "200", null, AT), 0);
    assertEquals(1, first().marredDelivered());
    assertEquals(0, first().wrong());
  }

  @Test
  void aReadingThatArrivesAgainIsTwiceWithoutAKeyAndRepeatedWithIt() {
    truth.delivered(value(1, Place.ENERGY, "100", null, AT), 0);
    truth.delivered(value(1, Place.ENERGY, "100", null, AT), 1);
    truth.delivered(value(1, Place.ENERGY, "101", "7", AT), 0);
    truth.delivered(value(1, Place.ENERGY, "101", "7", AT), 0);
    truth.delivered(value(1, Place.ENERGY, "101", "8", AT), 0);
    assertEquals(2, first().twice());
    assertEquals(1, first().repeated());
    assertEquals(2, first().delivered());
  }

  @Test
  void aValueThatNobodyServedIsWrongInThePhaseInWhichItArrives() {
    truth.delivered(value(1, Place.ENERGY, "102", null, AT), 1);
    truth.delivered(value(1, Place.ENERGY, "100.5", null, AT), 1);
    truth.delivered(value(1, Place.ENERGY, "-100", null, AT), 1);
    truth.delivered(value(1, Place.ENERGY, "1e30", null, AT), 1);
    assertEquals(4, truth.count(1, "second").wrong());
    assertEquals(0, first().wrong());
  }

  @Test
  void aValueOfAnotherUnitOrPlaceIsWrong() {
    truth.delivered(value(2, Place.ENERGY, "100", null, AT), 0);
    truth.delivered(value(1, Place.POWER, "100", null, AT), 0);
    assertEquals(2, first().wrong());
    assertEquals(0, first().delivered());
  }

  @Test
  void aValueDatedFarFromItsReadingHasAWrongTime() {
    truth.delivered(value(1, Place.ENERGY, "100", null, AT + 5_000), 0);
    truth.delivered(value(1, Place.ENERGY, "101", null, AT + 5_001), 0);
    assertEquals(1, first().mistimed());
  }

  @Test
  void whatWasServedBeforeTheCourseCountsForNobody() {
    truth.begin();
    truth.delivered(value(1, Place.ENERGY, "100", null, AT), 0);
    assertEquals(new Truth.Count("first", 0, 0, 0, 0, 0, 0, 0, 0, 0), first());
    assertEquals(0, truth.outstanding());
  }
}
