/**
 * The wire: channels to a port or a TCP end point, one exchange of frames on them, and what was
 * overheard.
 */
@NullMarked
package io.lingtan.agent.acquire.wire;

import org.jspecify.annotations.NullMarked;
