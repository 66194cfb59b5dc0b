/** The fold against histories of gateways that are made up, in any order. */
@NullMarked
package io.lingtan.simulator.zone.fold;

import org.jspecify.annotations.NullMarked;
