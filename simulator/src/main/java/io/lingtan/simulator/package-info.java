/** A site in software: {@code Main} is the command line. */
@NullMarked
package io.lingtan.simulator;

import org.jspecify.annotations.NullMarked;
