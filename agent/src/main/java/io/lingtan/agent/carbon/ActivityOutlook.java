package io.lingtan.agent.carbon;

import io.lingtan.agent.carbon.sheet.Calendar;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Factors.InForce;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.activity.Activity;
import io.lingtan.agent.site.activity.Emitted;

/** What an activity would emit, worked out before it is kept as a record. */
public final class ActivityOutlook {

  private ActivityOutlook() {}

  public static Emitted of(Site site, Activity activity) {
    String carrier = activity.kind() == Activity.Kind.HEAT ? Activities.HEAT : activity.what();
    String basis =
        switch (activity.kind()) {
          case FUEL -> Activities.BURNT;
          case REFRIGERANT -> FactorTable.GWP100;
          case HEAT -> Activities.BOUGHT;
          case CURTAILED, HYDROGEN, HYDROGEN_CO2 -> "";
        };
    if (basis.isEmpty()) {
      return new Emitted(null, null, null, "it emits nothing here");
    }
    var zone = site.place().zone();
    Factors factors =
        new Factors(site.carbon().tables(), site.carbon().accepted(), site.place().region(), zone);
    long millis = new Calendar(zone).startMillis(activity.day());
    InForce factor = factors.find(carrier, basis, millis);
    return factor == null
        ? new Emitted(null, null, null, factors.lacking(carrier, basis, millis))
        : new Emitted(
            factor.kilograms(activity.micros(), activity.kind().ucum()),
            factor.factor().id(),
            factor.used(),
            null);
  }
}
