/**
 * Lines that are polled, Modbus and DL/T 645: stations, schedule, exchanges, answers, questions of
 * a person.
 */
@NullMarked
package io.lingtan.agent.acquire.poll;

import org.jspecify.annotations.NullMarked;
