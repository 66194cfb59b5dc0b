/**
 * What a person asks at the page or by a command: field work at a line, changes of the site file,
 * their check and their way back.
 */
@NullMarked
package io.lingtan.agent.desk;

import org.jspecify.annotations.NullMarked;
