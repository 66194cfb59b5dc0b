/** The session with the broker: topics, messages, credentials, and why a connection failed. */
@NullMarked
package io.lingtan.agent.publish.link;

import org.jspecify.annotations.NullMarked;
