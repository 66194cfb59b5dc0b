/** Prices that change by the quarter of an hour, as a table of the market has them. */
@NullMarked
package io.lingtan.agent.site.price;

import org.jspecify.annotations.NullMarked;
