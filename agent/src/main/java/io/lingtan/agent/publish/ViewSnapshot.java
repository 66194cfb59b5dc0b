package io.lingtan.agent.publish;

import io.lingtan.agent.publish.link.Failure;
import org.jspecify.annotations.Nullable;

/**
 * A view with a connection of its own, as it is now. Counters count since start.
 *
 * @param kind as in the site file, such as {@code sparkplug}
 * @param server the server connected to or tried last, empty before the first try
 * @param connectedNanos monotonic nanoseconds since when it is connected; -1 while it is not
 * @param isOnline whether births are out, so that values flow
 * @param lag records that it has not sent yet
 * @param connects connections made
 * @param births times that everything was born, after a connection or because a host asked
 * @param messages sent, births and deaths included
 * @param late records sent as historical
 * @param gone records that the journal dropped before they were sent
 * @param passed records that cannot be told in this form: without a date, or larger than the broker
 *     takes
 * @param commandsRefused commands that were not understood
 * @param problem why it is not online, in a sentence that says what to do; null if it is
 * @param why of which kind that is: the word of {@link Failure.Kind}, or {@code no_clock} or {@code
 *     no_host} while it waits for these; null if it is online
 */
public record ViewSnapshot(
    String kind,
    String server,
    long connectedNanos,
    boolean isOnline,
    long lag,
    long connects,
    long births,
    long messages,
    long late,
    long gone,
    long passed,
    long commandsRefused,
    @Nullable String problem,
    @Nullable String why) {

  public boolean connected() {
    return connectedNanos >= 0;
  }
}
