package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.YearMonth;
import org.junit.jupiter.api.Test;

/** The documents of months at a broker. */
final class MonthReportsTest {

  private static final String TOPIC = "lingtan/v1/gw/report/2026-06";
  private static final YearMonth JUNE = YearMonth.of(2026, 6);

  private final World world = new World();

  private void assertStands(String text, int times) {
    byte[] stands = world.broker.retained.get(TOPIC);
    assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), stands);
    assertEquals(times, world.broker.on("report/2026-06").size());
  }

  @Test
  void eachIsRetainedOnceInAConnectionAndAgainWhenItIsAnother() {
    world.run(5_000);
    world.months.put(JUNE, "{\"rev\":0}");
    world.run(5_000);
    assertStands("{\"rev\":0}", 1);
    world.months.put(JUNE, "{\"rev\":0}");
    world.run(5_000);
    assertStands("{\"rev\":0}", 1);
    world.months.put(JUNE, "{\"rev\":1}");
    world.run(5_000);
    assertStands("{\"rev\":1}", 2);
    world.broker.drop();
    world.run(120_000);
    assertStands("{\"rev\":1}", 3);
  }

  @Test
  void oneThatTheBrokerTakesNoPacketForIsToldOfAndLeftOut() {
    world.broker.maximumPacket = 4_000;
    world.months.put(JUNE, "x".repeat(5_000));
    world.run(5_000);
    assertTrue(world.broker.up);
    assertEquals(0, world.broker.on("report/2026-06").size());
    assertEquals(
        1,
        world.events.stream()
            .filter(event -> event.name().equals("uplink.truncated"))
            .filter(event -> TOPIC.equals(event.detail().get("topic")))
            .count());
  }
}
