/**
 * The session with the broker: topics, messages, credentials, and why a connection failed.
 *
 * <p>In come messages to send; out go signals of what became of them. The publisher's thread; the
 * threads of the MQTT library only fill inboxes.
 */
@NullMarked
package io.lingtan.agent.publish.link;

import org.jspecify.annotations.NullMarked;
