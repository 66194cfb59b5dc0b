/**
 * Who may see the page and who may act on it: the names it answers to, the PIN, and what a browser
 * that gave it may do for a while.
 */
@NullMarked
package io.lingtan.agent.status.access;

import org.jspecify.annotations.NullMarked;
