/**
 * {@code lingtan-sim demo}: a whole site on one machine, with its story told and its bill
 * presented.
 *
 * <p>What comes in: what the meters served and what truly flowed, from the simulated site's thread
 * ({@link io.lingtan.simulator.demo.Witness}, {@link io.lingtan.simulator.demo.Truth}), messages
 * from the broker ({@link io.lingtan.simulator.beside.Subscriber}, a thread of its own), the
 * agent's own figures from its page ({@link io.lingtan.simulator.demo.AgentPage}, a thread of its
 * own) and keys. All of it meets in {@link io.lingtan.simulator.demo.Demo}, on the main thread,
 * through inboxes. What goes out: a live line, sentences, a table and a picture. Broker and agent
 * are processes of their own ({@link io.lingtan.simulator.demo.Child}) that never outlive the demo.
 */
@NullMarked
package io.lingtan.simulator.demo;

import org.jspecify.annotations.NullMarked;
