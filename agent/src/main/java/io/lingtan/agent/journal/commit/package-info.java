/**
 * One commit: what is written together, what is lent to memory while the card fails, and what is
 * freed for space.
 */
@NullMarked
package io.lingtan.agent.journal.commit;

import org.jspecify.annotations.NullMarked;
