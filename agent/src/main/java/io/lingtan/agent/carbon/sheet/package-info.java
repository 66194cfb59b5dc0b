/**
 * The sheet of one interval, on which the chapters write their figures, with its factors and its
 * rounding.
 */
@NullMarked
package io.lingtan.agent.carbon.sheet;

import org.jspecify.annotations.NullMarked;
