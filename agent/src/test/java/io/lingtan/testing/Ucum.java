package io.lingtan.testing;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much of UCUM's grammar (The Unified Code for Units of Measure, version 2.1) as units of
 * energy, gases and money need: terms of {@code .} and {@code /}, brackets, exponents, prefixes,
 * and words in braces, which say something and mean 1.
 */
public final class Ucum {

  private static final Set<String> METRIC =
      Set.of("W", "V", "A", "Pa", "Hz", "J", "g", "m", "s", "t", "l", "L", "Cel", "N");
  private static final Set<String> OTHERS = Set.of("h", "min", "d", "%");
  private static final Set<String> PREFIXES = Set.of("", "k", "M", "G", "T", "m", "u", "h", "c");
  private static final Pattern SIMPLE =
      Pattern.compile("(10\\*-?[0-9]*|[0-9]+|[A-Za-z%]+)(-?[0-9]+)?(\\{[\\x21-\\x7E&&[^{}]]+\\})?");
  private static final Pattern WORD = Pattern.compile("\\{[\\x21-\\x7E&&[^{}]]+\\}");

  private final String code;
  private int at;

  private Ucum(String code) {
    this.code = code;
  }

  /** Whether the code can be read; not whether it means what its writer thinks. */
  public static boolean isValid(String code) {
    Ucum parser = new Ucum(code);
    return !code.isEmpty() && parser.term() && parser.at == code.length();
  }

  private boolean term() {
    if (!component()) {
      return false;
    }
    while (at < code.length() && "./".indexOf(code.charAt(at)) >= 0) {
      at++;
      if (!component()) {
        return false;
      }
    }
    return true;
  }

  private boolean component() {
    if (at < code.length() && code.charAt(at) == '(') {
      at++;
      boolean inside = term() && at < code.length() && code.charAt(at) == ')';
      at++;
      return inside;
    }
    Matcher word = WORD.matcher(code).region(at, code.length());
    if (word.lookingAt()) {
      at = word.end();
      return true;
    }
    Matcher simple = SIMPLE.matcher(code).region(at, code.length());
    if (!simple.lookingAt()) {
      return false;
    }
    at = simple.end();
    String atom = simple.group(1);
    return atom.startsWith("10*") || atom.chars().allMatch(Character::isDigit) || isUnit(atom);
  }

  private static boolean isUnit(String atom) {
    if (OTHERS.contains(atom)) {
      return true;
    }
    return PREFIXES.stream()
        .filter(atom::startsWith)
        .anyMatch(prefix -> METRIC.contains(atom.substring(prefix.length())));
  }
}
