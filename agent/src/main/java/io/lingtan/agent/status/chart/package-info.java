/**
 * What points did over hours and days, and what became of the readings: answers for the page's
 * charts, as JSON and CSV.
 *
 * <p>In: {@link io.lingtan.agent.journal.History} and what a request asks for. Out: text. Request
 * threads; one answer at a time, because each reads much.
 */
@NullMarked
package io.lingtan.agent.status.chart;

import org.jspecify.annotations.NullMarked;
