package io.lingtan.agent.site;

import io.lingtan.agent.reading.Point;
import org.jspecify.annotations.Nullable;

/**
 * One value of a device that names its values instead of numbering registers.
 *
 * @param point what it becomes
 * @param name its name: a whole SenML name, or the last part of one behind its last {@code / : .}
 * @param pointer where it is in JSON that is no SenML (RFC 6901); null if it is not in such
 * @param unit of values that come without one, as {@link SenmlUnits} knows it
 * @param sum whether the record's sum over time is meant and not its value (RFC 8428, 4.2)
 * @param reverse whether the device's plus is our minus
 * @param least smallest believable value in millionths of the point's unit, {@link Long#MIN_VALUE}
 *     if none is given
 * @param greatest greatest believable value, {@link Long#MAX_VALUE} if none is given
 */
public record NamedPoint(
    Point point,
    String name,
    @Nullable String pointer,
    String unit,
    boolean sum,
    boolean reverse,
    long least,
    long greatest) {

  public NamedPoint {
    if (least > greatest) {
      throw new IllegalArgumentException("least is above greatest of " + point);
    }
  }
}
