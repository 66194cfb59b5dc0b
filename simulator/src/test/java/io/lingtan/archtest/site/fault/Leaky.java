package io.lingtan.archtest.site.fault;

import io.lingtan.agent.Main;
import java.time.Instant;

interface Leaky {
  void use(Main agent);

  void judge(io.lingtan.archtest.site.check.Leaky other);

  static Instant now() {
    return Instant.now();
  }
}
