package io.lingtan.agent.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** OpenAnswers two lines, or refuses. */
final class FakeActions implements Actions {

  /** What was asked, in order. */
  final List<String> asked = new ArrayList<>();

  @Nullable Refused refusal;

  volatile @Nullable Busy busy;

  @Nullable String entrance;

  @Override
  public @Nullable String entrance(Action action, Map<String, String> wanted) {
    return entrance;
  }

  @Override
  public @Nullable Busy busy() {
    return busy;
  }

  @Override
  public Result act(Action action, Map<String, String> wanted, Supplier<Consumer<String>> answer) {
    asked.add(action.word() + " " + new TreeMap<>(wanted));
    if (refusal != null) {
      return refusal;
    }
    return switch (action) {
      case SCAN, READ, CHECK -> {
        Consumer<String> lines = answer.get();
        lines.accept("{\"kind\":\"note\"}");
        lines.accept("{\"kind\":\"done\"}");
        yield new Streamed();
      }
      case ACKNOWLEDGE, APPLY -> new Done(202, "{\"noted\":true}");
      default -> new Refused(Why.NOT_HERE, "this agent does not do that");
    };
  }
}
