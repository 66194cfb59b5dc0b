/**
 * Field work by hand: scan, test read, identity, plausibility and the comparison with a display.
 */
@NullMarked
package io.lingtan.agent.acquire.hand;

import org.jspecify.annotations.NullMarked;
