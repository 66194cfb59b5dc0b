package io.lingtan.simulator.zone.fold;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.seal.Digest;
import java.math.BigInteger;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ZoneSumTest {

  private static Figure of(int gateway, long amount) {
    return new Figure(
        "gw" + gateway,
        "15m",
        0,
        900_000,
        0,
        "e",
        1,
        Digest.NONE,
        new TreeMap<>(Map.of("elec.load.total", amount)));
  }

  @Test
  void moreThanALongHoldsIsAddedUpExactlyAndTakenOutAgain() {
    long most = 1_000_000_000_000_000L;
    ZoneSum sum = ZoneSum.NONE;
    for (int i = 0; i < 10_000; i++) {
      sum = sum.add(of(i, most));
    }
    assertEquals(new BigInteger("10000000000000000000"), sum.amounts().get("elec.load.total"));
    assertEquals(sum, ZoneSum.read(sum.json()));
    for (int i = 1; i < 10_000; i++) {
      sum = sum.subtract(of(i, most));
    }
    assertEquals(Map.of("elec.load.total", BigInteger.valueOf(most)), sum.amounts());
  }
}
