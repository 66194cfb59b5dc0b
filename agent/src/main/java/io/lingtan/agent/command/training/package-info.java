/**
 * The run from which the JVM makes the class cache of all later ones: the agent itself, with a
 * meter and a broker that need no network. In comes an empty folder; out goes what the JVM was told
 * to write of it ({@code -XX:AOTCacheOutput}). The agent's own threads, beside that of {@code
 * main}.
 */
@NullMarked
package io.lingtan.agent.command.training;

import org.jspecify.annotations.NullMarked;
