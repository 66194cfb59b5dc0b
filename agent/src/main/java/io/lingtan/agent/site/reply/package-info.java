/**
 * Where a value is in a reply that tells several at once, and what the data records of M-Bus
 * measure.
 *
 * <p>Values only; no thread.
 */
@NullMarked
package io.lingtan.agent.site.reply;

import org.jspecify.annotations.NullMarked;
