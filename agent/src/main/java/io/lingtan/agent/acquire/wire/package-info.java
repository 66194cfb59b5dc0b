/**
 * The wire: channels to a port or a TCP end point, one exchange of frames on them, and what was
 * overheard.
 *
 * <p>In come requests; out go valid answers or the reason why there is none, and the frames of the
 * last ten minutes. The line's thread, which no call blocks but the look-up of a host's name; a
 * serial library's own thread does no more than wake it.
 */
@NullMarked
package io.lingtan.agent.acquire.wire;

import org.jspecify.annotations.NullMarked;
