/**
 * The site's devices as a master on the wire sees them. A {@link io.lingtan.simulator.device.Meter}
 * shows the world through its own registers; an {@link io.lingtan.simulator.device.Endpoint}
 * answers Modbus requests to one or more of them, bytes to bytes, with whatever faults are planned;
 * {@link io.lingtan.simulator.device.TcpStep} puts endpoints on real sockets. The encoders are this
 * package's own: nothing is shared with the agent's codec, so that no fault can hide on both sides.
 */
@NullMarked
package io.lingtan.simulator.device;

import org.jspecify.annotations.NullMarked;
