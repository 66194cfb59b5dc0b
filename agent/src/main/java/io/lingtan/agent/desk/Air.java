package io.lingtan.agent.desk;

import io.lingtan.agent.acquire.poll.ReadPlan;
import io.lingtan.agent.acquire.poll.ReadPlan.Request;
import io.lingtan.agent.acquire.poll.ReadPlan.Round;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a site sends to its broker while all is well, worked out before it runs: MQTT packets of
 * both ways. What TCP, IP and TLS put around them, a backlog and views come on top. Devices of
 * lines that are not polled are left out. Held against what simulated sites send by {@code
 * AirTest}, which allows a fifth.
 */
public final class Air {

  /** {@code {"epoch":"5f1c09ab","seq":812340,"after":812327,"ts":1764060000123,"device":""}}. */
  private static final int RECORD_BYTES = 84;

  /** {@code ,"values":{}} or {@code ,"stats":{}}. */
  private static final int MEMBER_BYTES = 12;

  /** Digits, sign and point of a value as meters have them, on the average of their points. */
  private static final int VALUE_BYTES = 7;

  /** {@code "":,}. */
  private static final int NAME_BYTES = 4;

  /** Brackets and commas around minimum, mean and maximum. */
  private static final int STATS_BYTES = 4;

  /** Without a reason code (MQTT 5.0, 3.4). */
  private static final int PUBACK_BYTES = 4;

  private static final int STORE_BYTES = 360;
  private static final Duration STORE_EVERY = Duration.ofMinutes(1);

  /** Figures of an interval, with the registers that they rest on: those of the site. */
  private static final int INTERVAL_BYTES = 1_000;

  /** And those of each meter. */
  private static final int METER_BYTES = 640;

  private static final Duration HOUR = Duration.ofHours(1);
  private static final double MONTH_SECONDS = 30 * 86_400.0;

  private Air() {}

  /**
   * Whether it can be said: not of batches, which are as small as their data allow, nor of what
   * other views send beside the records.
   */
  public static boolean isForetold(Site site) {
    Site.Mqtt mqtt = site.mqtt();
    return mqtt.isConfigured() && mqtt.batch().isZero() && !mqtt.state() && mqtt.views().isEmpty();
  }

  /** Lines that are not in it, because their devices or pulses say when there is something. */
  public static List<String> without(Site site) {
    return site.lines().stream().filter(line -> !line.isPolled()).map(Line::id).toList();
  }

  /** Bytes in 30 days, of a site of which it {@link #isForetold}. */
  public static double bytesPerMonth(Site site) {
    double bytes = perMonth(STORE_EVERY) * (STORE_BYTES + PUBACK_BYTES);
    int meters = site.metering().meters().size();
    if (meters > 0) {
      double intervals = perMonth(site.metering().base()) + perMonth(HOUR);
      bytes += intervals * (INTERVAL_BYTES + meters * METER_BYTES + PUBACK_BYTES);
    }
    for (Line line : site.lines()) {
      if (line.isPolled()) {
        ReadPlan plan = ReadPlan.of(line);
        for (Device device : line.devices()) {
          bytes += bytesPerMonth(site, device, plan);
        }
      }
    }
    return bytes;
  }

  /** Points of a period that is longer than that of recording are records of their own. */
  private static double bytesPerMonth(Site site, Device device, ReadPlan plan) {
    List<Point> together = new ArrayList<>();
    double bytes = 0;
    for (Round round : plan.rounds()) {
      if (round.device().equals(device.id())) {
        List<Point> points =
            round.requests().stream().map(Request::points).flatMap(List::stream).toList();
        if (round.every().compareTo(device.record()) > 0) {
          bytes += perMonth(round.every()) * recordBytes(site, device, points, false);
        } else {
          together.addAll(points);
        }
      }
    }
    boolean stats = device.record().compareTo(device.every()) > 0;
    return together.isEmpty()
        ? bytes
        : bytes + perMonth(device.record()) * recordBytes(site, device, together, stats);
  }

  private static int recordBytes(Site site, Device device, List<Point> points, boolean stats) {
    String topic = "lingtan/v1/" + site.gateway() + "/data/" + device.id();
    int text = RECORD_BYTES + device.id().length() + MEMBER_BYTES;
    for (Point point : points) {
      text += NAME_BYTES + point.name().length() + VALUE_BYTES;
    }
    List<Point> powers =
        points.stream().filter(point -> point.quantity() == Quantity.POWER).toList();
    if (stats && !powers.isEmpty()) {
      text += MEMBER_BYTES;
      for (Point power : powers) {
        text += NAME_BYTES + power.name().length() + STATS_BYTES + 3 * VALUE_BYTES;
      }
    }
    return Message.packetBytes(topic, text) + PUBACK_BYTES;
  }

  private static double perMonth(Duration period) {
    return MONTH_SECONDS / (period.toNanos() / 1e9);
  }
}
