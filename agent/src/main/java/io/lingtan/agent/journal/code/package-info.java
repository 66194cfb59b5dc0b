/**
 * How records become bytes of a segment and back.
 *
 * <p>In come records, out go bytes, and the other way round; bytes that are damaged are refused
 * with where. Pure, in the caller's thread.
 */
@NullMarked
package io.lingtan.agent.journal.code;

import org.jspecify.annotations.NullMarked;
