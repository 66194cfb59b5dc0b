/**
 * The auditor's session with a broker.
 *
 * <p>In come messages; out go acknowledgements, and requests to gateways with their answers. Paho's
 * thread only fills a bounded inbox; all else runs in the thread of whoever holds the session.
 */
@NullMarked
package io.lingtan.agent.audit.link;

import org.jspecify.annotations.NullMarked;
