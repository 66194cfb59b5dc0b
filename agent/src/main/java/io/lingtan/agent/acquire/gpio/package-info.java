/**
 * Pulse inputs and contacts: {@link io.lingtan.agent.acquire.gpio.PulseStep} counts and debounces,
 * from the inputs of a GPIO chip. The way to them is a port that the simulator has its own of
 * ({@link io.lingtan.agent.acquire.gpio.GpioChip}), and the machine's one, which is a Pi4J
 * digital-input provider over the kernel's GPIO character device v2 (Linux 5.10; {@code
 * Documentation/userspace-api/gpio/chardev.rst}). The kernel is called through the foreign-function
 * API: there is no native code of ours. Inputs only: no call here can drive a line.
 *
 * <p>Everything runs on the thread of the line but {@code Waiter.wake}, which any may call.
 */
@NullMarked
package io.lingtan.agent.acquire.gpio;

import org.jspecify.annotations.NullMarked;
