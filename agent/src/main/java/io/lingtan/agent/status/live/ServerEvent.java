package io.lingtan.agent.status.live;

/**
 * A server-sent event, the same bytes for every page.
 *
 * @param seq 1, 2, 3 ... since the first page came
 * @param isKey whether the packed form can be read without the one before it
 * @param plain as text
 * @param packed whole blocks of a deflate stream (RFC 1951) that does not end
 */
record ServerEvent(long seq, boolean isKey, byte[] plain, byte[] packed) {}
