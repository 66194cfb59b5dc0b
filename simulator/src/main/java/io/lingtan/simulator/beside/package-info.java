/**
 * What commands put beside a site and an agent: child programs, a broker, a subscriber, and what a
 * process uses of the machine. Each object is used by the thread that made it, unless it says
 * otherwise.
 */
@NullMarked
package io.lingtan.simulator.beside;

import org.jspecify.annotations.NullMarked;
