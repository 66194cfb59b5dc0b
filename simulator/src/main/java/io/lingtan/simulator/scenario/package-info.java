/**
 * What goes wrong in a run, as a person writes it down: which kinds of fault, how often or when,
 * for how long. {@link io.lingtan.simulator.scenario.ScenarioReader} makes a {@link
 * io.lingtan.simulator.scenario.Scenario} of a YAML file, with line and column of whatever is wrong
 * in it; {@link io.lingtan.simulator.scenario.Draw} makes of that and a seed the list of {@link
 * io.lingtan.simulator.scenario.Planned} faults, which can be written down as a scenario again. Any
 * thread.
 */
@NullMarked
package io.lingtan.simulator.scenario;

import org.jspecify.annotations.NullMarked;
