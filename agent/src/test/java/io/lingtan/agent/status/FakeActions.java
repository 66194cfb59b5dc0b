package io.lingtan.agent.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers two lines, or refuses. */
final class FakeActions implements Actions {

  /** What was asked, in order. */
  final List<String> asked = new ArrayList<>();

  @Nullable Refusal refusal;

  volatile @Nullable Busy busy;

  @Override
  public @Nullable Refusal scan(Map<String, String> wanted, Supplier<Consumer<String>> answer) {
    return act("scan", wanted, answer);
  }

  @Override
  public @Nullable Refusal read(Map<String, String> wanted, Supplier<Consumer<String>> answer) {
    return act("read", wanted, answer);
  }

  @Override
  public @Nullable Refusal check(Map<String, String> wanted, Supplier<Consumer<String>> answer) {
    return act("check", wanted, answer);
  }

  @Override
  public @Nullable Refusal acknowledge(Map<String, String> wanted) {
    asked.add("acknowledge " + new TreeMap<>(wanted));
    return refusal;
  }

  @Override
  public @Nullable Busy busy() {
    return busy;
  }

  private @Nullable Refusal act(
      String name, Map<String, String> wanted, Supplier<Consumer<String>> answer) {
    asked.add(name + " " + new TreeMap<>(wanted));
    if (refusal != null) {
      return refusal;
    }
    Consumer<String> lines = answer.get();
    lines.accept("{\"kind\":\"note\"}");
    lines.accept("{\"kind\":\"done\"}");
    return null;
  }
}
