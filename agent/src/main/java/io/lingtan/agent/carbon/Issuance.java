package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Sheet.KWH;

import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Micros;
import java.util.List;

/**
 * How many green power certificates a month's generation makes: one for each 1000 kWh, and what is
 * left counts with the next month. It is an estimate: the registry issues them by settlement, and
 * those of energy that was used on site cannot be traded.
 */
final class Issuance implements Chapter {

  /** What was left after the month, and before it among the sums. */
  static final String CARRY = "cert.carry";

  private static final long MILLIWATT_HOURS = 1_000_000_000L;
  private static final String GENERATED = "cert.generated_kwh";
  private static final String ISSUED = "cert.issued_est";

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.CERT)
          .lengths("1M")
          .needs("pv")
          .from("elec.pv.generation flow.pv_to_loss")
          .rule(
              "generation, without what is lost in hybrid inverters, whole certificates of 1000"
                  + " kWh, what is left for the next month")
          .presence(Presence.UNOBSERVED)
          .add(GENERATED, KWH, "可核发绿证电量", "generation that makes certificates")
          .presence(Presence.UNOBSERVED)
          .add(ISSUED, "1", "预计核发绿证", "certificates to be issued (estimate)")
          .presence(Presence.UNOBSERVED)
          .add(CARRY, KWH, "结转下月电量", "left for the next month")
          .list();

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void rollUp(Sheet sheet) {
    Metric generated = EnergyBalance.pvPastInverters(sheet);
    if (generated == null || !sheet.length().equals("1M")) {
      return;
    }
    sheet.put(GENERATED, generated);
    Metric carried = sheet.sum(CARRY);
    long before = carried == null ? 0 : value(carried);
    Combining input = new Combining(List.of(generated));
    boolean known = generated.micros() != null;
    long all = known ? before + value(generated) : before;
    Metric issued = input.figure(1_000_000L * issued(all), "1");
    // The month before may not have been counted: then nothing is taken to be left of it.
    String with = "with " + Micros.text(before) + " kWh of the month before";
    sheet.put(ISSUED, known ? issued.saying(with) : issued);
    sheet.put(CARRY, known ? input.figure(left(all), KWH) : Metric.missing(KWH, why(generated)));
  }

  private static String why(Metric missing) {
    return String.valueOf(missing.why());
  }

  /** Whole certificates for so many milliwatt-hours. */
  static long issued(long milliwattHours) {
    return milliwattHours / MILLIWATT_HOURS;
  }

  /** Milliwatt-hours that make no whole certificate yet. */
  static long left(long milliwattHours) {
    return milliwattHours % MILLIWATT_HOURS;
  }
}
