/**
 * The fault campaign: the packed agent, mosquitto and meters on real sockets, each round with a
 * fault at a random moment, and at the end of each an account of every reading that was served.
 */
@NullMarked
package io.lingtan.simulator.campaign;

import org.jspecify.annotations.NullMarked;
