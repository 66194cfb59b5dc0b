/**
 * Lines that are polled (Modbus, DL/T 645, CJ/T 188, M-Bus): stations, schedule, exchanges,
 * answers, questions of a person.
 *
 * <p>In come due times, inquiries and bytes from the wire; out go requests, and the samples and
 * events of each device. One thread for each line, that of its step; others hand in their questions
 * through its inbox.
 */
@NullMarked
package io.lingtan.agent.acquire.poll;

import org.jspecify.annotations.NullMarked;
