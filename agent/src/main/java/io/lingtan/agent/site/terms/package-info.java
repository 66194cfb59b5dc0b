/**
 * By which settings the intervals of a month were counted and its bill is worked out.
 *
 * <p>In come settings and the instants from which they hold; out go those of a month. Immutable,
 * for any thread.
 */
@NullMarked
package io.lingtan.agent.site.terms;

import org.jspecify.annotations.NullMarked;
