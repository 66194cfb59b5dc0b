/** What to ask a device for, in which blocks, and how its registers become values. */
@NullMarked
package io.lingtan.agent.acquire.plan;

import org.jspecify.annotations.NullMarked;
