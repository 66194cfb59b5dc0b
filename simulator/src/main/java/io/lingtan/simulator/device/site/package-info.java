/** A simulated site: the devices of a site file, wired to their world. */
@NullMarked
package io.lingtan.simulator.device.site;

import org.jspecify.annotations.NullMarked;
