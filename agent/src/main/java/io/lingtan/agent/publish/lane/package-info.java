/** The lanes, on which records leave: windows, pacing, acknowledgements, counters. */
@NullMarked
package io.lingtan.agent.publish.lane;

import org.jspecify.annotations.NullMarked;
