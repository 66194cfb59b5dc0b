package io.lingtan.agent.status;

import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import java.util.Locale;

/** How a device is doing, best first, decided once for page, text and metrics. */
enum DeviceState {
  GOOD("正常", "good"),
  ASLEEP("夜间休眠", "asleep until sunrise"),
  STALE("过期", "stale"),
  FAULT("通讯异常", "no good answer"),
  OFFLINE("通讯中断", "comms lost"),
  NEVER("从未应答", "never answered");

  private static final long LEAST_STALE_MILLIS = 10_000;

  private final String chinese;
  private final String english;

  DeviceState(String chinese, String english) {
    this.chinese = chinese;
    this.english = english;
  }

  /**
   * A device is stale when nothing came for three poll periods, and 10 s, and none of its values is
   * vouched for any longer.
   */
  static DeviceState of(DeviceSnapshot device, long nowNanos) {
    if (device.asleep()) {
      return ASLEEP;
    }
    if (device.answeredNanos() < 0) {
      return NEVER;
    }
    if (device.offline()) {
      return OFFLINE;
    }
    if (device.failure() != null) {
      return FAULT;
    }
    long stale = Math.max(3 * device.everyMillis(), LEAST_STALE_MILLIS);
    boolean fresh = device.reads().stream().anyMatch(read -> nowNanos <= read.freshUntilNanos());
    return ageMillis(device, nowNanos) > stale && !fresh ? STALE : GOOD;
  }

  /** Milliseconds since the device last answered; -1 if it never has. */
  static long ageMillis(DeviceSnapshot device, long nowNanos) {
    return device.answeredNanos() < 0
        ? -1
        : Math.max(0, nowNanos - device.answeredNanos()) / 1_000_000L;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  String chinese() {
    return chinese;
  }

  String english() {
    return english;
  }
}
