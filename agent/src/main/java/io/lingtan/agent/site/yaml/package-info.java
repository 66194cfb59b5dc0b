/**
 * YAML with the place of every value, so that a problem names its line.
 *
 * <p>In come a file's bytes; out goes a tree of values, or the problem. In the caller's thread.
 */
@NullMarked
package io.lingtan.agent.site.yaml;

import org.jspecify.annotations.NullMarked;
