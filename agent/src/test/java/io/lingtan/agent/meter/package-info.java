@NullMarked
package io.lingtan.agent.meter;

import org.jspecify.annotations.NullMarked;
