/**
 * Whether what was delivered is true and whole. {@link io.lingtan.simulator.check.Check} takes
 * every message of a gateway as a subscriber gets it, and says in the end what is wrong, in classes
 * of failure ({@link io.lingtan.simulator.check.Verdict}):
 *
 * <ul>
 *   <li>{@link io.lingtan.simulator.check.Witness} knows what the meters really served, and
 *       compares each delivered value with it;
 *   <li>{@link io.lingtan.simulator.check.Delivery} finds what is lost, twice or contradictory, by
 *       the rules of config/MQTT.md;
 *   <li>{@link io.lingtan.simulator.check.Silences} finds time that nothing speaks of;
 *   <li>{@link io.lingtan.simulator.check.Intervals} sets figures against the world's true energy
 *       and mass, which {@link io.lingtan.simulator.check.Truth} wrote down.
 * </ul>
 *
 * All of it is this module's own code: whether a record says the truth must not depend on the code
 * that wrote it. One thread.
 */
@NullMarked
package io.lingtan.simulator.check;

import org.jspecify.annotations.NullMarked;
