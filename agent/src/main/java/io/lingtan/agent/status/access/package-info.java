/**
 * Who may see the page and who may act on it: the names it answers to, the PIN, and what a browser
 * that gave it may do for a while.
 *
 * <p>In comes what a request says of its sender; out goes permission or a refusal with its reason.
 * The page's threads, several at a time; where a class is not for several at once it says so.
 */
@NullMarked
package io.lingtan.agent.status.access;

import org.jspecify.annotations.NullMarked;
