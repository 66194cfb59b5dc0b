/**
 * Retained topics: birth, store, meta, discovery.
 *
 * <p>In come the site and the journal's state; out go messages that the broker keeps, and what it
 * kept of an earlier process is judged. The publisher's thread.
 */
@NullMarked
package io.lingtan.agent.publish.retained;

import org.jspecify.annotations.NullMarked;
