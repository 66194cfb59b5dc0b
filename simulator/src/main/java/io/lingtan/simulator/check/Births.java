package io.lingtan.simulator.check;

import io.lingtan.simulator.json.Json;
import java.util.Set;
import java.util.TreeSet;

/** Whether what the broker keeps of a gateway in the end describes the site file that it has. */
final class Births {

  private final Set<String> devices = new TreeSet<>();
  private String configuration = "";

  /** The gateway's own description. */
  void meta(Json meta) {
    String told = meta.text("configuration");
    configuration = told == null ? "" : told;
  }

  /** A device's. */
  void device(String id) {
    devices.add(id);
  }

  /** Says what is not as the site file that is in force in the end. */
  void finish(Sites.Version last, Findings findings) {
    if (!configuration.equals(last.site().sha256())) {
      findings.add(
          Verdict.INCONSISTENT,
          Long.MAX_VALUE,
          "meta, which names configuration " + configuration + ",");
    }
    Set<String> declared = new TreeSet<>(last.meant().keySet());
    if (!devices.equals(declared)) {
      findings.add(
          Verdict.INCONSISTENT,
          Long.MAX_VALUE,
          "meta of devices " + devices + ", where the site file has " + declared + ",");
    }
  }
}
