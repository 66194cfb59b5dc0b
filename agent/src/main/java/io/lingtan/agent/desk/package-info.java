/**
 * What a person asks at the page or by a command: field work at a line, changes of the site file,
 * their check and their way back.
 *
 * <p>In come requests; out go answers, and the site file written anew. Several threads may ask; a
 * change is made by one at a time.
 */
@NullMarked
package io.lingtan.agent.desk;

import org.jspecify.annotations.NullMarked;
