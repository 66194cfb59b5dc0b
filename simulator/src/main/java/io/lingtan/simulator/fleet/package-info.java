/**
 * {@code lingtan-sim fleet}: the ledger, journal and publish stages of many gateways in one
 * process, against a real broker that is taken away now and then, with a subscriber that audits
 * them all.
 *
 * <p>A {@link io.lingtan.simulator.fleet.FleetGateway} is one gateway, stepped by the thread of its
 * {@link io.lingtan.simulator.fleet.GatewayGroup}; {@link io.lingtan.simulator.fleet.Fleet} starts
 * everything, on the main thread, and counts; {@link io.lingtan.simulator.fleet.Auditor} is the
 * subscriber, a process of its own, so that what each costs can be told apart.
 */
@NullMarked
package io.lingtan.simulator.fleet;

import org.jspecify.annotations.NullMarked;
