package io.lingtan.agent.desk;

import io.lingtan.agent.status.Actions.Refused;
import io.lingtan.agent.status.Why;
import java.util.Map;

/** What was wanted cannot be meant; a person is told which of it. */
final class Misunderstood extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  private final transient Refused refused;

  Misunderstood(Why why, String text, Map<String, String> values) {
    super(text);
    this.refused = new Refused(why, text, values);
  }

  /** The same as an answer; of any other exception its message. */
  static Refused refusal(IllegalArgumentException problem, Why otherwise) {
    String text = String.valueOf(problem.getMessage());
    return problem instanceof Misunderstood known
        ? known.refused
        : new Refused(otherwise, text, Map.of("why", text));
  }
}
