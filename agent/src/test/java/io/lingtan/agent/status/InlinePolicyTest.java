package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class InlinePolicyTest {

  private static final String PAGE = "<style>p { margin: 0; }</style><script>alert(1)</script>";

  @Test
  void aPageThatNeedsNoScriptRunsNone() {
    assertFalse(InlinePolicy.of(PAGE).contains("script-src 'none'"));
    String policy = InlinePolicy.withoutScript(PAGE);
    assertTrue(policy.contains("script-src 'none'; style-src 'sha256-"), policy);
  }
}
