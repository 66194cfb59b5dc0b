/**
 * Turns what each meter counted in an interval into the site's figures: totals, flows between
 * sources and sinks, indicators, CO2 and hydrogen.
 *
 * <p>Counts of single meters come in, with their quality; named metrics of one interval record go
 * out, with the factors they used. All are integers in millionths of their unit (kWh, kg, %, 1), so
 * that what is added up stays exact. A figure whose input is missing is missing too and says why.
 *
 * <p>Pure: no I/O, clock or randomness. Used from the ledger's thread.
 */
@NullMarked
package io.lingtan.agent.carbon;

import org.jspecify.annotations.NullMarked;
