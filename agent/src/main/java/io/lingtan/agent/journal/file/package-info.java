/** The database file: its connection, its locks, its sums and the native library. */
@NullMarked
package io.lingtan.agent.journal.file;

import org.jspecify.annotations.NullMarked;
