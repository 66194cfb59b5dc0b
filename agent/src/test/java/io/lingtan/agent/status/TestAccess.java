package io.lingtan.agent.status;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.status.access.Access;
import java.util.Set;
import java.util.function.Consumer;

/** Ways in for tests. */
final class TestAccess {

  static final String PIN = "271828";
  static final String PASS = "0123456789abcdef0123456789abcdef";

  private TestAccess() {}

  /** Everybody sees; who acts from elsewhere needs {@link #PIN}. */
  static Access open() {
    return open(event -> {});
  }

  /** The same with somebody to tell. */
  static Access open(Consumer<Event> events) {
    return new Access(
        true, PIN, PASS, Set.of(), false, new VirtualTime(0), Randomness.seeded(1), events);
  }

  /** Everybody sees, and the page is also called by this name. */
  static Access named(String name) {
    return new Access(
        true,
        PIN,
        PASS,
        Set.of(name),
        false,
        new VirtualTime(0),
        Randomness.seeded(1),
        event -> {});
  }

  /** Nobody from elsewhere sees without {@link #PIN}; the page is also called {@code gateway}. */
  static Access closed(VirtualTime time) {
    return new Access(
        false, PIN, PASS, Set.of("Gateway"), false, time, Randomness.seeded(1), event -> {});
  }
}
