/**
 * Lines that are polled (Modbus, DL/T 645, CJ/T 188, M-Bus): stations, schedule, exchanges,
 * answers, questions of a person.
 */
@NullMarked
package io.lingtan.agent.acquire.poll;

import org.jspecify.annotations.NullMarked;
