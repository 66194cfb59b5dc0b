package io.lingtan.agent.command.draft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MakerUnitTest {

  @ParameterizedTest
  @CsvSource({
    "mWh, mW.h",
    "MWh, MW.h",
    "kWh, kW.h",
    "KWH, kW.h",
    "mvar, mV.A",
    "Mvar, MV.A",
    "MVA, MV.A",
    "mVA, mV.A",
    "mPa, mPa",
    "MPa, MPa",
    "mA, mA",
    "MΩ, MOhm",
    "mΩ, mOhm",
    "mJ, mJ",
    "MJ, MJ"
  })
  void aThousandthIsNoMillion(String cell, String ucum) {
    assertEquals(ucum, MakerUnit.of(cell).ucum());
  }
}
