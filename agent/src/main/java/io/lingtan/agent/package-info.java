/**
 * The agent: {@code Agent} assembles the stages in flow order, {@code Main} is the command line.
 */
@NullMarked
package io.lingtan.agent;

import org.jspecify.annotations.NullMarked;
