/**
 * Tests of what is shipped: the Debian package on this machine, in a container and on an ARM one,
 * the launcher, the bill of materials. The longest of all, and so the first to start.
 */
@NullMarked
package io.lingtan.packaged;

import org.jspecify.annotations.NullMarked;
