package io.lingtan.agent.acquire.gpio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.pi4j.Pi4J;
import com.pi4j.context.Context;
import com.pi4j.io.gpio.digital.DigitalInput;
import com.pi4j.io.gpio.digital.DigitalInputProviderBase;
import com.pi4j.io.gpio.digital.DigitalState;
import com.pi4j.io.gpio.digital.DigitalStateChangeListener;
import io.lingtan.agent.acquire.gpio.GpioChip.Claim;
import io.lingtan.agent.site.GpioInput.Bias;
import io.lingtan.agent.site.GpioInput.Pin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine's chip where there is none, and what is made of the kernel's bytes. */
final class Pi4jChipTest {

  private static final Pin PIN = new Pin(17, Bias.AS_IS, false, Duration.ofMillis(20));

  @TempDir Path folder;

  private static String refusal(Pi4jChip chip) {
    return ((Claim.Refused) chip.claim("water", PIN)).words().english();
  }

  @Test
  void aMachineWithoutAChipSaysSo() {
    String words =
        "this machine has no GPIO chip: there is no " + folder + "/gpiochip0; inputs need one";
    Pi4jChip chip = new Pi4jChip("auto", folder);
    assertEquals(words, refusal(chip));
    assertEquals(words, refusal(chip), "and may be asked again");
    assertEquals(words, refusal(new Pi4jChip("pinctrl-rp1", folder)));
    assertEquals("gpio auto", chip.where());
    chip.release();
  }

  @Test
  void aPathThatIsNotThereOrIsNoChipIsNamed() {
    Path none = folder.resolve("gpiochip9");
    assertEquals(
        "there is no " + none + " on this machine", refusal(new Pi4jChip(none.toString())));
    assertEquals("/dev/null is no GPIO chip", refusal(new Pi4jChip("/dev/null")));
  }

  @Test
  void aFileThatIsCalledLikeAChipIsTold() throws IOException {
    Path file = Files.createFile(folder.resolve("gpiochip0"));
    assertEquals(file + " is no GPIO chip", refusal(new Pi4jChip("auto", folder)));
    assertEquals(file + " is no GPIO chip", refusal(new Pi4jChip("gpiochip0", folder)));
  }

  @Test
  void offsetsOfAHeaderAreNamedByTheirPins() {
    assertEquals("GPIO17 (pin 11)", HeaderPins.name("pinctrl-bcm2711", 17));
    assertEquals("GPIO17 (pin 11)", HeaderPins.name("pinctrl-rp1", 17));
    assertEquals("offset 30", HeaderPins.name("pinctrl-rp1", 30));
    assertEquals("offset 17", HeaderPins.name("gpio-sim.0-node0", 17));
  }

  /**
   * A line whose events come from a file, as {@code read} gives them: struct gpio_v2_line_event.
   */
  @Test
  void anEventIsReadWithItsTimeItsLevelAndItsNumber() throws IOException {
    ByteBuffer events = ByteBuffer.allocate(48 * 2).order(ByteOrder.nativeOrder());
    events.putLong(123_456_789_012L).putInt(1).putInt(17).putInt(9).putInt(1).position(48);
    events.putLong(123_556_789_012L).putInt(2).putInt(17).putInt(12).putInt(0xFFFF_FFFF);
    Path file = Files.write(folder.resolve("events"), events.array());
    Context pi4j =
        Pi4J.newContextBuilder()
            .noAutoDetect()
            .noAutoInject()
            .disableShutdownHook()
            .add(new NoInputs())
            .build();
    try {
      var config =
          DigitalInput.newConfigBuilder(pi4j)
              .id("water")
              .address(17)
              .onState(DigitalState.LOW)
              .build();
      int fd = Libc.open(file);
      assertTrue(fd > 2, "errno " + fd);
      List<Integer> removed = new ArrayList<>();
      KernelInput input =
          new KernelInput(pi4j.provider(NoInputs.ID), config, fd, () -> removed.add(fd));
      pi4j.registry().add(input);
      List<DigitalState> heard = new ArrayList<>();
      input.addListener((DigitalStateChangeListener) event -> heard.add(event.state()));
      List<String> seen = new ArrayList<>();
      int drained =
          input.drain((at, active, number) -> seen.add(at + " " + active + " " + number), 1024);
      assertEquals(2, drained);
      assertEquals(List.of("123456789012 true 1", "123556789012 false 4294967295"), seen);
      assertEquals(List.of(DigitalState.LOW, DigitalState.HIGH), heard, "active is low");
      assertEquals(
          -1, input.drain((at, active, number) -> {}, 1024), "a chip that is gone reads empty");
      assertEquals(InputLine.State.GONE, input.level());
      assertEquals(DigitalState.UNKNOWN, input.state());
      input.close();
      assertEquals(List.of(fd), removed);
      assertEquals(-1, input.drain((at, active, number) -> {}, 1024));
    } finally {
      pi4j.shutdown();
    }
  }

  /** A Pi4J provider to hang an input on. */
  private static final class NoInputs extends DigitalInputProviderBase {
    static final String ID = "none";

    NoInputs() {
      super(ID);
    }

    @Override
    public DigitalInput create(com.pi4j.io.gpio.digital.DigitalInputConfig config) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void aWaitEndsWhenItIsWoken() throws InterruptedException {
    KernelWaiter waiter = new KernelWaiter();
    CountDownLatch ended = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              waiter.await(TimeUnit.SECONDS.toNanos(60));
              ended.countDown();
            });
    thread.start();
    waiter.wake();
    assertTrue(ended.await(20, TimeUnit.SECONDS));
    thread.join();
    waiter.close();
    waiter.wake();
  }
}
