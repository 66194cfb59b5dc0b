/**
 * The command line: each command, its options and its exit code.
 *
 * <p>In come words and files; out go text or JSON, and the exit code. Each command runs in the
 * thread of {@code main}.
 */
@NullMarked
package io.lingtan.agent.command;

import org.jspecify.annotations.NullMarked;
