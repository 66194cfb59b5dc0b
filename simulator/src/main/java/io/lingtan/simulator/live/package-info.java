/**
 * A simulated site where real masters find it: what {@code lingtan-sim run} opens beside the lines
 * that carry bytes. {@link io.lingtan.simulator.live.SiteStep} drives the world on one thread, and
 * with it {@link io.lingtan.simulator.live.CoapPart CoAP servers}, {@link
 * io.lingtan.simulator.live.PushPart nodes that push} and {@link
 * io.lingtan.simulator.live.InputPart inputs of a simulated GPIO chip}. Californium's threads see
 * only what that thread has written down for them.
 */
@NullMarked
package io.lingtan.simulator.live;

import org.jspecify.annotations.NullMarked;
