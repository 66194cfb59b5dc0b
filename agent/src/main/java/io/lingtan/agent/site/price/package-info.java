/**
 * Prices that change by the quarter of an hour, as a table of the market has them.
 *
 * <p>In comes a table's text, out go prices by the time; immutable, for any thread.
 */
@NullMarked
package io.lingtan.agent.site.price;

import org.jspecify.annotations.NullMarked;
