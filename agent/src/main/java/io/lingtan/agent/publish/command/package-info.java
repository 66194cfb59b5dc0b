/** Commands that arrive over MQTT, and replays. */
@NullMarked
package io.lingtan.agent.publish.command;

import org.jspecify.annotations.NullMarked;
