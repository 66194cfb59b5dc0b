package io.lingtan.simulator.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

final class ScreenTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, UTF_8);

  private String shown() {
    return bytes.toString(UTF_8);
  }

  @Test
  void theLiveLineIsCutAndGivesWayToWhatStays() {
    Screen screen = new Screen(out, 40);
    screen.now("x".repeat(60));
    screen.say("stays");
    assertEquals("\r\u001b[K" + "x".repeat(39) + "\r\u001b[Kstays\n", shown());
  }

  @Test
  void sentencesAreBrokenBetweenWords() {
    new Screen(out, 40).say("14:54:09  twenty seconds long every second reply is late");
    assertEquals("14:54:09  twenty seconds long every\n          second reply is late\n", shown());
  }

  @Test
  void withoutATerminalOnlyEachTenthPresentIsPrintedAndNothingIsBroken() {
    Screen screen = new Screen(out, 0);
    for (int i = 0; i < 25; i++) {
      screen.now("now " + i);
    }
    screen.say("a " + "long ".repeat(50));
    assertEquals("now 0\nnow 10\nnow 20\na " + "long ".repeat(50) + "\n", shown());
  }
}
