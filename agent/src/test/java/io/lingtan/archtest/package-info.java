/** Code that breaks the rules, for the tests which show that each rule can fail. */
@NullMarked
package io.lingtan.archtest;

import org.jspecify.annotations.NullMarked;
