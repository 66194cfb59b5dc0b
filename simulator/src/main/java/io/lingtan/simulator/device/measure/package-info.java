/** What a simulated device measures of the world. */
@NullMarked
package io.lingtan.simulator.device.measure;

import org.jspecify.annotations.NullMarked;
