package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a chapter's list of figures. What is said holds for all figures that are added after it,
 * until it is said otherwise; {@link #because} and {@link #presence} for the next one alone.
 */
public final class Listing {

  public static final String ALL = "15m 1h 1d 1M 1Y";
  public static final String BASE = "15m";
  public static final String DAYS = "1d 1M 1Y";

  /** Why a monthly report has nothing of a base interval's own figures. */
  public static final String BASE_ONLY = "presence by the base interval only";

  private final List<Indicator> listed = new ArrayList<>();
  private Section section = Section.ENERGY;
  private List<String> lengths = List.of();
  private List<String> needs = List.of();
  private Rolling rolling = Rolling.OWN;
  private List<String> inputs = List.of();
  private String rule = "";
  private String reference = "";
  private Presence presence = Presence.ALWAYS;
  private String unreported = "";

  public Listing in(Section of) {
    section = of;
    return this;
  }

  /** Lengths, separated by spaces. */
  public Listing lengths(String words) {
    lengths = words(words);
    return this;
  }

  /** Words of {@code config/README.md}, separated by spaces. */
  public Listing needs(String words) {
    needs = words(words);
    return this;
  }

  public Listing rolls(Rolling how) {
    rolling = how;
    return this;
  }

  /** Figures of the same record, separated by spaces. */
  public Listing from(String words) {
    inputs = words(words);
    return this;
  }

  /** What it is, and the document that says so, if one does. */
  public Listing rule(String words, String document) {
    rule = words;
    reference = document;
    return this;
  }

  public Listing rule(String words) {
    return rule(words, "");
  }

  public Listing presence(Presence when) {
    presence = when;
    return this;
  }

  /** The next figure is in no monthly report. */
  public Listing because(String why) {
    unreported = why;
    return this;
  }

  public Listing add(String name, String ucum, String chinese, String english) {
    return add(name, ucum, Indicator.symbolOf(ucum), chinese, english);
  }

  public Listing add(String name, String ucum, String symbol, String chinese, String english) {
    listed.add(
        new Indicator(
            name,
            section,
            ucum,
            symbol,
            lengths,
            needs,
            rolling,
            inputs,
            rule,
            reference,
            chinese,
            english,
            presence,
            unreported));
    presence = Presence.ALWAYS;
    unreported = "";
    return this;
  }

  public List<Indicator> list() {
    return List.copyOf(listed);
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" "));
  }
}
