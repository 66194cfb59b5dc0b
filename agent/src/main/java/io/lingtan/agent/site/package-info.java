/**
 * What the operator declares: the site file, device profiles, emission factors and tariffs.
 *
 * <p>YAML comes in; immutable records that cannot be wrong go out, together with every {@link
 * io.lingtan.agent.site.yaml.Problem} found, each with line, column and what to do. Loading is the
 * only I/O. Any thread.
 *
 * <p>{@link io.lingtan.agent.site.yaml.YamlReader} and {@link io.lingtan.agent.site.yaml.Fields}
 * read any of our YAML files, so that the simulator's are checked in the same way and words.
 */
@NullMarked
package io.lingtan.agent.site;

import org.jspecify.annotations.NullMarked;
