/** What the bridge acknowledges, and when. */
@NullMarked
package io.lingtan.simulator.zone.bridge;

import org.jspecify.annotations.NullMarked;
