/** The readers of the site file, profiles, factors and tariffs, and the edits of the site file. */
@NullMarked
package io.lingtan.agent.site.read;

import org.jspecify.annotations.NullMarked;
