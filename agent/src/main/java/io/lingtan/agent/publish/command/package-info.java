/**
 * Commands that arrive over MQTT, and replays.
 *
 * <p>In come messages of {@code cmd/…}; out go answers, events, and records once more. The
 * publisher's thread.
 */
@NullMarked
package io.lingtan.agent.publish.command;

import org.jspecify.annotations.NullMarked;
