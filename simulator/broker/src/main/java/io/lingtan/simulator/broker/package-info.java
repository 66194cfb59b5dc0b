/**
 * The demo's MQTT broker, which runs as a process of its own: nothing else of Lingtan is on its
 * class path.
 */
@NullMarked
package io.lingtan.simulator.broker;

import org.jspecify.annotations.NullMarked;
