/**
 * TLS from PEM files, for whoever speaks to a broker: files in, socket factories out.
 *
 * <p>Knows nothing of MQTT or of a site. Any thread.
 */
@NullMarked
package io.lingtan.agent.tls;

import org.jspecify.annotations.NullMarked;
