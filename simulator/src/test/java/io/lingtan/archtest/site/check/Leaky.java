package io.lingtan.archtest.site.check;

import io.lingtan.agent.Main;
import java.time.Instant;

public interface Leaky {
  void use(Main agent);

  static Instant now() {
    return Instant.now();
  }
}
