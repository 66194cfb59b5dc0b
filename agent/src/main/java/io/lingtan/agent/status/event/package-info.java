/**
 * Events as a person reads them: what each means and what to do, which are still active, which
 * somebody has acknowledged; and the page of help.
 *
 * <p>In: events out of {@link io.lingtan.agent.journal.History}, and the sentences of {@code
 * events.txt}. Out: text. Request threads.
 */
@NullMarked
package io.lingtan.agent.status.event;

import org.jspecify.annotations.NullMarked;
