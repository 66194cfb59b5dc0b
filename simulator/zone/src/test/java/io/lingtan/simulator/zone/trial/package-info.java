/** The trial of a whole zone, and whether it would find something. */
@NullMarked
package io.lingtan.simulator.zone.trial;

import org.jspecify.annotations.NullMarked;
