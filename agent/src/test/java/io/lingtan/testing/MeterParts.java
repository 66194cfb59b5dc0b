package io.lingtan.testing;

import io.lingtan.agent.site.Coupling;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Accuracy;
import io.lingtan.agent.site.Site.Chp;
import io.lingtan.agent.site.Site.Exchange;
import io.lingtan.agent.site.Site.Gas;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.Site.Nozzle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a meter that a test says something of; the others are as a site file leaves them.
 */
public final class MeterParts {
  public double ratedKw = Double.NaN;
  public double capacityKwh = Double.NaN;
  public double gasCelsius = Double.NaN;
  public double maxRate = Double.NaN;
  public @Nullable Chp chp;
  public List<Exchange> exchanges = List.of();
  public Coupling coupling = Coupling.AC;
  public Nozzle nozzle = Nozzle.USUAL;
  public Gas gas = Gas.AS_COUNTED;
  public @Nullable Accuracy accuracy;

  public Meter meter(String id, String device, Role role) {
    return new Meter(
        id,
        device,
        role,
        ratedKw,
        false,
        null,
        capacityKwh,
        Double.NaN,
        Double.NaN,
        gasCelsius,
        maxRate,
        chp,
        exchanges,
        coupling,
        Meter.ALL_INPUTS,
        nozzle,
        gas,
        accuracy,
        false);
  }
}
