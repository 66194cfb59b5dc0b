/**
 * What was delivered, as it was written: JSON objects whose members are asked for by name. Shares
 * no code with the agent, because a shared codec hides codec bugs. Any thread.
 */
@NullMarked
package io.lingtan.simulator.json;

import org.jspecify.annotations.NullMarked;
