/**
 * Modbus as it is on the wire, for reading only: requests, framings and the strict check of
 * replies.
 *
 * <p>Pure: bytes come in, sealed {@link io.lingtan.agent.acquire.modbus.ModbusReply}s go out. No
 * I/O, no clock, no thread. After Modbus Application Protocol V1.1b3 and Modbus over Serial Line
 * V1.02.
 */
@NullMarked
package io.lingtan.agent.acquire.modbus;

import org.jspecify.annotations.NullMarked;
