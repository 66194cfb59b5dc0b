/** YAML with the place of every value, so that a problem names its line. */
@NullMarked
package io.lingtan.agent.site.yaml;

import org.jspecify.annotations.NullMarked;
