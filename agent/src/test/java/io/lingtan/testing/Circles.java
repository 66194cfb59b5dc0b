package io.lingtan.testing;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Circles of classes: the greatest groups inside one package in which every class uses every other
 * one, if only through the rest. Nested classes belong to the class that holds them.
 */
public final class Circles {
  private final Map<String, Set<String>> uses = new TreeMap<>();
  private final Map<String, Integer> index = new HashMap<>();
  private final Map<String, Integer> low = new HashMap<>();
  private final Deque<String> open = new ArrayDeque<>();
  private final Set<String> found = new TreeSet<>();

  private Circles(JavaClasses classes) {
    for (JavaClass type : classes) {
      Set<String> used = uses.computeIfAbsent(top(type), name -> new TreeSet<>());
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (classes.contain(target.getName())
            && target.getPackageName().equals(type.getPackageName())) {
          used.add(top(target));
        }
      }
    }
  }

  /** Each circle as its simple names in alphabetical order, {@code "A B C"}. */
  public static Set<String> in(JavaClasses classes) {
    Circles circles = new Circles(classes);
    for (String type : circles.uses.keySet()) {
      if (!circles.index.containsKey(type)) {
        circles.visit(type);
      }
    }
    return circles.found;
  }

  /** Tarjan's strongly connected components; packages are small enough for recursion. */
  private void visit(String type) {
    index.put(type, index.size());
    low.put(type, index.get(type));
    open.push(type);
    for (String used : uses.getOrDefault(type, Set.of())) {
      if (!index.containsKey(used)) {
        visit(used);
        low.merge(type, low.get(used), Math::min);
      } else if (open.contains(used)) {
        low.merge(type, index.get(used), Math::min);
      }
    }
    if (low.get(type).equals(index.get(type))) {
      Set<String> circle = new TreeSet<>();
      String member;
      do {
        member = open.pop();
        circle.add(member.substring(member.lastIndexOf('.') + 1));
      } while (!member.equals(type));
      if (circle.size() > 1) {
        found.add(circle.stream().collect(Collectors.joining(" ")));
      }
    }
  }

  private static String top(JavaClass type) {
    String name = type.getName();
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }
}
