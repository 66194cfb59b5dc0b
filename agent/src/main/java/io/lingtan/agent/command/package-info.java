/** The command line: each command, its options and its exit code. */
@NullMarked
package io.lingtan.agent.command;

import org.jspecify.annotations.NullMarked;
