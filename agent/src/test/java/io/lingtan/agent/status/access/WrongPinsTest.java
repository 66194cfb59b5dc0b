package io.lingtan.agent.status.access;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.run.MonotonicInstant;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WrongPinsTest {

  private final List<Event> told = new ArrayList<>();
  private final WrongPins wrong = new WrongPins(told::add);

  private static MonotonicInstant at(long seconds) {
    return MonotonicInstant.ofMillis(seconds * 1000);
  }

  /** A day of it, one each second: as many as an attacker likes, and 144 events and the first. */
  @Test
  void theFirstIsToldAtOnceAndTheRestEachTenMinutesWithItsNumber() {
    for (int second = 1; second <= 86_400; second++) {
      wrong.add(InetAddress.ofLiteral("10.0.0." + second % 200), at(second));
    }
    wrong.tell(at(86_400 + 599));
    wrong.tell(at(86_400 + 600));
    wrong.tell(at(200_000));
    assertEquals(86_400, wrong.count());
    assertEquals("1", String.valueOf(told.getFirst().detail().get("count")));
    assertEquals(
        86_400,
        told.stream()
            .mapToLong(event -> Long.parseLong(String.valueOf(event.detail().get("count"))))
            .sum());
    assertEquals(145, told.size());
  }
}
