package io.lingtan.simulator.scenario;

import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds what a scenario wants to strike and the site has not, with its place in the file. */
final class Fit {

  private final Targets targets;
  private final Problems problems;

  private Fit(Targets targets, Problems problems) {
    this.targets = targets;
    this.problems = problems;
  }

  /** Everything that is wrong: errors, and warnings of what strikes nobody. */
  static List<Problem> of(Scenario scenario, Targets targets) {
    Problems problems = new Problems(scenario.file());
    Fit fit = new Fit(targets, problems);
    scenario.rules().forEach(fit::rule);
    return problems.list();
  }

  private void rule(Rule rule) {
    List<String> all = targets.of(rule.kind());
    boolean known = true;
    for (int i = 0; i < rule.on().size(); i++) {
      String id = rule.on().get(i);
      if (!all.contains(id)) {
        known = false;
        error(on(rule, i), rule.kind() + " cannot strike '" + id + "'" + Words.instead(id, all));
      }
    }
    if (known) {
      point(rule, all);
      rule.kind().knobs().forEach(knob -> knob(rule, knob, all));
      if (all.isEmpty()) {
        warning(rule, "the site has nothing that " + rule.kind() + " can strike: it never will");
      }
    }
  }

  private void point(Rule rule, List<String> all) {
    if (rule.point().isEmpty()) {
      return;
    }
    SortedSet<String> points = new TreeSet<>();
    boolean anybody = false;
    for (String id : rule.on().isEmpty() ? all : rule.on()) {
      List<String> own = targets.points(rule.kind(), id);
      points.addAll(own);
      anybody |= own.contains(rule.point());
      if (!rule.on().isEmpty() && !own.contains(rule.point())) {
        error(
            value(rule, "point"),
            "%s of '%s' has no point '%s'".formatted(rule.kind(), id, rule.point())
                + Words.instead(rule.point(), own));
      }
    }
    if (rule.on().isEmpty() && !anybody && !all.isEmpty()) {
      error(
          value(rule, "point"),
          "%s finds the point '%s' nowhere".formatted(rule.kind(), rule.point())
              + Words.instead(rule.point(), points));
    }
  }

  private void knob(Rule rule, Knob knob, List<String> all) {
    if (knob.unit() != Knob.Unit.WORD || all.isEmpty()) {
      return;
    }
    Range range = rule.range(knob);
    boolean anybody = false;
    for (String id : rule.on().isEmpty() ? all : rule.on()) {
      boolean possible = !targets.values(knob, range, id).isEmpty();
      anybody |= possible;
      if (!rule.on().isEmpty() && !possible) {
        error(
            value(rule, knob.name()),
            "%s of '%s' cannot be %s; it can be %s"
                .formatted(
                    rule.kind(),
                    id,
                    knob.text(range.low()),
                    String.join(" ", targets.changes().getOrDefault(id, List.of()))));
      }
    }
    if (rule.on().isEmpty() && !anybody) {
      error(
          value(rule, knob.name()),
          "%s can be %s nowhere".formatted(rule.kind(), knob.text(range.low())));
    }
  }

  private static @Nullable Yaml on(Rule rule, int index) {
    Yaml value = value(rule, "on");
    return value instanceof Yaml.Items items ? items.items().get(index) : value;
  }

  private static @Nullable Yaml value(Rule rule, String key) {
    Fields written = rule.written();
    return written == null ? null : written.valueAt(key);
  }

  private void error(@Nullable Yaml at, String message) {
    if (at == null) {
      problems.error(message);
    } else {
      problems.error(at, message);
    }
  }

  private void warning(Rule rule, String message) {
    Fields written = rule.written();
    if (written != null) {
      problems.warning(written.at(), message);
    }
  }
}
