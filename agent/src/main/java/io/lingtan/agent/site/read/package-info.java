/**
 * The readers of the site file, profiles, factors and tariffs, and the edits of the site file.
 *
 * <p>In comes YAML; out goes a {@code Site}, or every problem with its line and column. In the
 * caller's thread; what comes out is immutable.
 */
@NullMarked
package io.lingtan.agent.site.read;

import org.jspecify.annotations.NullMarked;
