package io.lingtan.simulator.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.site.Line;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.contact.PulseOutput;
import io.lingtan.simulator.device.contact.WiredChip;
import io.lingtan.simulator.device.site.SimulatedSite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contacts pulled through a folder that looks like gpio-sim's. */
final class InputPartTest {

  @TempDir Path sysfs;

  private final SimulatedSite site = SimulatedSite.of("all-lines", 5, 0);
  private final WiredChip chip = site.chips().getFirst();
  private final Line.Gpio line =
      site.site().lines().stream()
          .filter(Line.Gpio.class::isInstance)
          .map(Line.Gpio.class::cast)
          .findFirst()
          .orElseThrow();
  private final WorldClock clock =
      WorldClock.realTime(new MonotonicInstant(0), site.world().stepStart());

  private Path bank(int... offsets) throws IOException {
    Path bank = Files.createDirectories(sysfs.resolve("gpio-sim.0/gpiochip3"));
    for (int offset : offsets) {
      Files.createDirectories(bank.resolve("sim_gpio" + offset));
      Files.writeString(bank.resolve("sim_gpio" + offset).resolve("pull"), "pull-down");
    }
    return bank;
  }

  @Test
  void whereThereIsNoChipWithAllLinesNothingIsFound() throws IOException {
    assertNull(InputPart.find(sysfs.resolve("nowhere"), chip, line, clock));
    bank(17, 22);
    assertNull(InputPart.find(sysfs, chip, line, clock));
  }

  @Test
  void everyPulseOfTheWorldPullsItsLineUpAndDownAgain() throws IOException {
    Path bank = bank(17, 22, 27);
    InputPart part = InputPart.find(sysfs, chip, line, clock);
    assertNotNull(part);
    assertEquals(bank, part.where());
    Path pull = bank.resolve("sim_gpio17/pull");
    int rises = 0;
    String before = "pull-down";
    for (long at = 0; at < 5 * 60_000; at += InputPart.LOOK_MILLIS) {
      part.step(MonotonicInstant.ofMillis(at));
      String now = Files.readString(pull);
      rises += now.equals("pull-up") && before.equals("pull-down") ? 1 : 0;
      before = now;
    }
    PulseOutput compressor =
        (PulseOutput) Objects.requireNonNull(chip.contacts().get(17), "nothing at offset 17");
    assertTrue(rises > 10, rises + " pulses");
    assertEquals(compressor.given(), rises);
    assertEquals("pull-up", Files.readString(bank.resolve("sim_gpio22/pull")), "the breaker");
    assertNull(part.trouble());
  }
}
