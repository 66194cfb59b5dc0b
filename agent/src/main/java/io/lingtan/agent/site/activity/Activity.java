package io.lingtan.agent.site.activity;

import io.lingtan.agent.site.yaml.Words;
import java.time.LocalDate;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that no meter sees and that somebody answers for: fuel that was delivered, refrigerant
 * that was filled in, heat that was bought. All of it counts on its day.
 *
 * @param day local
 * @param what the fuel, the refrigerant, {@code steam} or {@code hot_water}, the plant, or what
 *     became of hydrogen
 * @param micros millionths of the kind's unit, ≥ 0
 * @param told how the amount follows from what was told, such as {@code 1250 L × 0.84 kg/L}
 * @param by who says so
 * @param document the delivery note, invoice or work order
 */
public record Activity(
    LocalDate day, Kind kind, String what, long micros, String told, String by, String document) {

  /** What it is, and in which unit it is counted. */
  public enum Kind {
    FUEL("kg"),
    REFRIGERANT("kg"),
    HEAT("GJ"),
    /** What own plants could have made and were not let. */
    CURTAILED("kW.h"),
    /** Hydrogen that was delivered, vented or boiled off. */
    HYDROGEN("kg"),
    /** CO2e of a delivery of hydrogen, as its document states it. */
    HYDROGEN_CO2("kg");

    private final String ucum;

    Kind(String ucum) {
      this.ucum = ucum;
    }

    public String ucum() {
      return ucum;
    }
  }

  /** What makes two words be about the same: a document tells once of a day and a thing. */
  public record Key(LocalDate day, String what, String document) {

    /** Of one document, however its number is written. */
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key(LocalDate date, String thing, String number)
          && day.equals(date)
          && what.equals(thing)
          && Words.number(document).equals(Words.number(number));
    }

    @Override
    public int hashCode() {
      return Objects.hash(day, what, Words.number(document));
    }

    @Override
    public String toString() {
      return what + " of " + day + " in " + document;
    }
  }

  public Activity {
    if (micros < 0) {
      throw new IllegalArgumentException("an activity is not negative, was " + micros);
    }
  }

  /**
   * Whether it takes back what was told under its key: of fuel, heat and hydrogen nobody delivers
   * nothing, while a refrigerant of which nothing was lost is a finding.
   */
  public boolean isWithdrawal() {
    return micros == 0 && (kind == Kind.FUEL || kind == Kind.HEAT || kind == Kind.HYDROGEN);
  }

  public Key key() {
    return new Key(day, what, document);
  }

  /** How the amount follows, who says so and by which document. */
  public String words() {
    return told + " (" + document + ", " + by + ")";
  }
}
