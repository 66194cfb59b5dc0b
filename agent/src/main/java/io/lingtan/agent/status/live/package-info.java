/**
 * The stream of snapshots to open pages. In: the snapshot's text, made once a period whatever the
 * number of pages. Out: server-sent events, packed once for all of them. Each page is written to by
 * the virtual thread of its own request, which waits for the latest message and never for another
 * page; one more virtual thread makes the messages while there is a page.
 */
@NullMarked
package io.lingtan.agent.status.live;

import org.jspecify.annotations.NullMarked;
