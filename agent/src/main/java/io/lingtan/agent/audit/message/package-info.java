/**
 * Messages as a subscriber reads them.
 *
 * <p>In come topic and payload; out goes what they say, or what is wrong with them. Pure, in the
 * caller's thread.
 */
@NullMarked
package io.lingtan.agent.audit.message;

import org.jspecify.annotations.NullMarked;
