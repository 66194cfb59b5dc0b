/** What the tests of both modules share: rules for code, and tools that a test needs. */
@NullMarked
package io.lingtan.testing;

import org.jspecify.annotations.NullMarked;
