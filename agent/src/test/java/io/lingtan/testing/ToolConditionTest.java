package io.lingtan.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ToolConditionTest {
  private static final List<String> TOOLS = List.of("sh", "no-such-tool");

  @Test
  void aMissingToolSkipsOnAPersonsMachine() {
    var result = ToolCondition.evaluate(TOOLS, "sh"::equals, false);
    assertTrue(result.isDisabled());
    assertEquals(Optional.of("not installed: no-such-tool"), result.getReason());
  }

  @Test
  void aMissingToolFailsUnderCi() {
    assertThrows(
        IllegalStateException.class, () -> ToolCondition.evaluate(TOOLS, "sh"::equals, true));
  }

  @Test
  void anInstalledToolRunsEverywhere() {
    assertFalse(ToolCondition.evaluate(TOOLS, tool -> true, true).isDisabled());
    assertFalse(ToolCondition.evaluate(TOOLS, tool -> true, false).isDisabled());
  }

  @Test
  void theShellIsFoundOnThePath() {
    assertTrue(ToolCondition.isInstalled("sh"));
    assertFalse(ToolCondition.isInstalled("no-such-tool"));
  }
}
