package io.lingtan.agent.status.wiring;

import io.lingtan.agent.status.wiring.Look.Part;
import io.lingtan.agent.status.wiring.Look.Phases;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether three low power factors are those of currents on the next phase. A gate with PV behind it
 * has the same at midday: its power is small, and the reactive power still comes from the grid. A
 * meter whose currents are all moved on measures power and reactive power turned by 120° together,
 * so that its values fit each other at any moment, and only what lies beside them tells: the
 * balance, which closes with the power turned back; and the changes, which are changes of active
 * power on any site and lie at that angle where the currents are moved.
 */
enum MovedPhases {
  MOVED,
  MAYBE,
  NOT;

  private static final double WIDEST = Math.toRadians(27);

  /** Of changes, which are closer to active power than the whole. */
  private static final double WIDEST_OF_CHANGES = Math.toRadians(20);

  private static final double[] TURNS = {Math.toRadians(120), Math.toRadians(-120)};
  private static final double LEAST_CHANGE_WATTS = 300;
  private static final double LEAST_CHANGE = 0.05;

  /** Changes that go every way tell no angle. */
  private static final double MOST_ACROSS = 0.4;

  /** Of a device whose power factors look so, from all looks that are remembered. */
  static MovedPhases of(String device, List<Look> looks) {
    int known = 0;
    int asIs = 0;
    int turned = 0;
    List<double[]> points = new ArrayList<>();
    for (Look look : looks) {
      Phases phases = find(look, device);
      if (phases == null) {
        continue;
      }
      Double vars = phases.vars();
      if (vars != null) {
        points.add(new double[] {phases.allWatts(), vars});
      }
      Boolean closes = closesAsIs(look, phases);
      if (closes != null) {
        known++;
        asIs += closes ? 1 : 0;
        turned += !closes && vars != null && closesTurned(look, phases, vars) ? 1 : 0;
      }
    }
    if (Look.agree(asIs, known)) {
      return NOT;
    }
    if (Look.agree(turned, known)) {
      return MOVED;
    }
    return points.isEmpty() || changesAreTurned(points) ? MAYBE : NOT;
  }

  private static @Nullable Phases find(Look look, String device) {
    return look.phases().stream()
        .filter(each -> each.device().equals(device))
        .findFirst()
        .orElse(null);
  }

  private static @Nullable Part part(Look look, String device) {
    return look.parts().stream()
        .filter(each -> each.device().equals(device))
        .findFirst()
        .orElse(null);
  }

  /** Null where the balance says nothing of the device. */
  private static @Nullable Boolean closesAsIs(Look look, Phases phases) {
    boolean isWeighed = look.residualWatts() != null && part(look, phases.device()) != null;
    return (isWeighed && Math.abs(phases.allWatts()) >= 1) ? look.isClosed() : null;
  }

  private static boolean closesTurned(Look look, Phases phases, double vars) {
    Part part = part(look, phases.device());
    Double residual = look.residualWatts();
    if (part == null || residual == null) {
      return false;
    }
    double angle = Math.atan2(vars, phases.allWatts());
    double apparent = Math.hypot(vars, phases.allWatts());
    double way = Math.signum(part.intoWatts()) * Math.signum(phases.allWatts());
    for (double turn : TURNS) {
      double into = way * apparent * Math.cos(angle - turn);
      if (isActive(angle - turn, WIDEST)
          && Math.abs(residual - part.intoWatts() + into) <= look.toleranceWatts()) {
        return true;
      }
    }
    return false;
  }

  /** Whether an angle is one of mostly active power, in either direction. */
  private static boolean isActive(double angle, double widest) {
    return Math.abs(Math.sin(angle)) <= Math.sin(widest);
  }

  /** Whether the whole and its changes are at the angle of one and the same turn. */
  private static boolean changesAreTurned(List<double[]> points) {
    double watts = points.stream().mapToDouble(each -> each[0]).average().orElse(0);
    double vars = points.stream().mapToDouble(each -> each[1]).average().orElse(0);
    double along = 0;
    double across = 0;
    double both = 0;
    for (double[] each : points) {
      along += (each[0] - watts) * (each[0] - watts) / points.size();
      across += (each[1] - vars) * (each[1] - vars) / points.size();
      both += (each[0] - watts) * (each[1] - vars) / points.size();
    }
    double mean = (along + across) / 2;
    double off = Math.hypot((along - across) / 2, both);
    double greatest = Math.sqrt(mean + off);
    double least = Math.sqrt(Math.max(0, mean - off));
    if (greatest < Math.max(LEAST_CHANGE_WATTS, LEAST_CHANGE * Math.hypot(watts, vars))
        || least > MOST_ACROSS * greatest) {
      return false;
    }
    double axis = Math.atan2(2 * both, along - across) / 2;
    double angle = Math.atan2(vars, watts);
    for (double turn : TURNS) {
      if (isActive(axis - turn, WIDEST_OF_CHANGES) && isActive(angle - turn, WIDEST)) {
        return true;
      }
    }
    return false;
  }
}
