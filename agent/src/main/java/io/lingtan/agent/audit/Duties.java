package io.lingtan.agent.audit;

import io.lingtan.agent.audit.archive.ArchivePlace;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of an audit beside listening.
 *
 * @param repair whether it asks gateways for what is missing
 * @param all with {@code repair}: also for what they delivered before it ever listened
 * @param archiving where it keeps the records that come, null for nowhere
 * @param ends whether it comes to an end, so that gateways are asked to say what they have by then
 * @param sinceListening whether what was delivered before it ever listened is not to be judged
 */
public record Duties(
    boolean repair,
    boolean all,
    @Nullable ArchivePlace archiving,
    boolean ends,
    boolean sinceListening) {

  /** Nothing but listening. */
  public static final Duties NONE = new Duties(false, false, null, false, false);
}
