/**
 * Makes a draft profile of a maker's register table: {@code lingtan profiles new TABLE.csv}.
 *
 * <p>In: a table saved as CSV, with headings in English or Chinese. Out: YAML that the agent loads,
 * in which what is not sure is marked, and what was not understood is told with file and line. Runs
 * on the command's thread.
 */
@NullMarked
package io.lingtan.agent.command.draft;

import org.jspecify.annotations.NullMarked;
