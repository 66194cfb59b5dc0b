/**
 * The electricity bill, worked out again: what the energies, demands and prices of a month come to,
 * line by line.
 *
 * <p>Exact decimals go in, and money comes out in integer fen: every line is rounded half-up on its
 * magnitude, and a total is the sum of its lines. What provinces, contracts or readings of a
 * sentence decide is an argument and never a constant, but for the three tables of the power
 * factor, which are the same everywhere.
 *
 * <p>Pure: no I/O, clock or randomness. Any thread.
 */
@NullMarked
package io.lingtan.agent.bill;

import org.jspecify.annotations.NullMarked;
