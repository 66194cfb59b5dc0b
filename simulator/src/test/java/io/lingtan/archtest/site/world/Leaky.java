package io.lingtan.archtest.site.world;

import io.lingtan.agent.Main;
import java.time.Instant;

interface Leaky {
  void use(Main agent);

  static Instant now() {
    return Instant.now();
  }
}
