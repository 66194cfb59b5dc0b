/**
 * MQTT packets of a broker, for whoever reads them with Paho: each is judged by its fixed header
 * before anything is allocated for it, and by Paho's own reader before Paho's receiving thread gets
 * it. Bytes of a socket in, whole packets out. Knows nothing of topics, records or a site. On the
 * library's receiving thread.
 */
@NullMarked
package io.lingtan.agent.packet;

import org.jspecify.annotations.NullMarked;
