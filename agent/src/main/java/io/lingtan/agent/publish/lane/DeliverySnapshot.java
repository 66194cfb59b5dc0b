package io.lingtan.agent.publish.lane;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of the newest records that devices' values are in.
 *
 * @param root of the gateway's topics
 * @param late topic of what does not go live
 * @param isBatched whether nothing goes live
 * @param needsAck whether the application has to acknowledge, too
 * @param marks by device
 */
public record DeliverySnapshot(
    String root, String late, boolean isBatched, boolean needsAck, Map<String, List<Mark>> marks) {

  public DeliverySnapshot {
    marks = Map.copyOf(marks);
  }

  /**
   * One record on its way.
   *
   * @param topic where it went
   * @param sentNanos when, monotonic
   * @param answeredNanos when its PUBACK came, monotonic; -1 while there is none
   * @param reason that PUBACK's: the broker has it if that is below 0x80; -1 while there is none
   */
  public record Mark(
      String epoch, long seq, String topic, long sentNanos, long answeredNanos, int reason) {

    public boolean isUnderWay() {
      return answeredNanos < 0;
    }

    public boolean isTaken() {
      return answeredNanos >= 0 && reason < 0x80;
    }
  }

  /** What is known of a record; null if nothing of it was ever sent, or that is no longer known. */
  public @Nullable Mark find(String device, String epoch, long seq) {
    for (Mark mark : marks.getOrDefault(device, List.of())) {
      if (mark.seq() == seq && mark.epoch().equals(epoch)) {
        return mark;
      }
    }
    return null;
  }

  /** Where a device's record goes live. */
  public String live(String device) {
    return root + "/data/" + device;
  }
}
