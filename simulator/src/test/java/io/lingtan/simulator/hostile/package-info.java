/**
 * Peers of the packed agent that are allowed every byte sequence that the wire allows: a broker,
 * meters, a CoAP node and clients of its page. They speak the grammar of their protocol and break
 * it in one place or in many, by a printed seed, while one honest meter is read beside them; and
 * whatever any broker got is compared with what that meter served.
 */
@NullMarked
package io.lingtan.simulator.hostile;

import org.jspecify.annotations.NullMarked;
