/**
 * The database file: its connection, its locks, its sums and the native library.
 *
 * <p>In come SQL statements of the rooms beside; out go rows, or {@code JournalUnavailable} with
 * why. A connection is of one thread at a time; who shares it holds its lock.
 */
@NullMarked
package io.lingtan.agent.journal.file;

import org.jspecify.annotations.NullMarked;
