/**
 * The lanes, on which records leave: windows, pacing, acknowledgements, counters.
 *
 * <p>In come records of the outbox and PUBACKs; out go messages through the present session, and
 * acknowledgements to the journal. The publisher's thread.
 */
@NullMarked
package io.lingtan.agent.publish.lane;

import org.jspecify.annotations.NullMarked;
