package io.lingtan.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that runs programs of the machine. Where one is missing the test is skipped, but under
 * {@code CI=true} it fails: a build that checks nothing must not be green.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ToolCondition.class)
public @interface RequiresTool {
  /** Names of programs, looked for on the path, in /usr/sbin and beside PostgreSQL's server. */
  String[] value();
}
