package io.lingtan.agent.publish.sparkplug;

import org.jspecify.annotations.Nullable;

/**
 * One value in a payload (Sparkplug 3.0, section 6.4.6).
 *
 * @param name in births, and of what has no alias; null where the alias stands for it
 * @param alias short name, given in the birth; {@link #NONE} if there is none
 * @param tsMillis UTC ms at which it was so
 * @param type null where the birth has said it and nobody needs it
 * @param historical late: it says nothing about the present
 * @param value null: there is none, which is never told as zero
 * @param quality null: as told before, or good
 * @param unit as people write it, in births; null if there is none
 */
record Metric(
    @Nullable String name,
    long alias,
    long tsMillis,
    @Nullable Type type,
    boolean historical,
    @Nullable Value value,
    @Nullable Good quality,
    @Nullable String unit) {

  static final long NONE = -1;

  private static final int NAME = 1;
  private static final int ALIAS = 2;
  private static final int TIMESTAMP = 3;
  private static final int DATATYPE = 4;
  private static final int IS_HISTORICAL = 5;
  private static final int IS_NULL = 7;
  private static final int PROPERTIES = 9;
  private static final int LONG_VALUE = 11;
  private static final int DOUBLE_VALUE = 13;
  private static final int BOOLEAN_VALUE = 14;
  private static final int STRING_VALUE = 15;

  /** Fields of a set of properties, and of a property. */
  private static final int KEYS = 1;

  private static final int VALUES = 2;
  private static final int PROPERTY_TYPE = 1;
  private static final int PROPERTY_INT = 3;
  private static final int PROPERTY_STRING = 8;

  private static final int TYPE_INT32 = 3;

  /** Datatypes, section 6.4.16. */
  enum Type {
    INT64(4),
    DOUBLE(10),
    BOOLEAN(11),
    STRING(12);

    private final int code;

    Type(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /** Quality codes, section 6.4.9.1: the only three there are. */
  enum Good {
    BAD(0),
    GOOD(192),
    STALE(500);

    private final int code;

    Good(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /** What a metric has where it is not null. */
  sealed interface Value {
    record Whole(long value) implements Value {}

    record Decimal(double value) implements Value {}

    record Flag(boolean value) implements Value {}

    record Text(String value) implements Value {}
  }

  Metric {
    if (name == null && alias == NONE) {
      throw new IllegalArgumentException("a metric has a name or an alias");
    }
  }

  ProtoWriter encoded() {
    ProtoWriter to = new ProtoWriter();
    if (name != null) {
      to.text(NAME, name);
    }
    if (alias != NONE) {
      to.number(ALIAS, alias);
    }
    to.number(TIMESTAMP, tsMillis);
    if (type != null) {
      to.number(DATATYPE, type.code());
    }
    if (historical) {
      to.flag(IS_HISTORICAL, true);
    }
    if (value == null) {
      to.flag(IS_NULL, true);
    }
    if (quality != null || unit != null) {
      to.message(PROPERTIES, properties());
    }
    switch (value) {
      case null -> {}
      case Value.Whole(long whole) -> to.number(LONG_VALUE, whole);
      case Value.Decimal(double number) -> to.decimal(DOUBLE_VALUE, number);
      case Value.Flag(boolean flag) -> to.flag(BOOLEAN_VALUE, flag);
      case Value.Text(String text) -> to.text(STRING_VALUE, text);
    }
    return to;
  }

  private ProtoWriter properties() {
    ProtoWriter to = new ProtoWriter();
    if (quality != null) {
      to.text(KEYS, "Quality");
    }
    if (unit != null) {
      to.text(KEYS, "engUnit");
    }
    if (quality != null) {
      to.message(
          VALUES,
          new ProtoWriter().number(PROPERTY_TYPE, TYPE_INT32).number(PROPERTY_INT, quality.code()));
    }
    if (unit != null) {
      to.message(
          VALUES,
          new ProtoWriter().number(PROPERTY_TYPE, Type.STRING.code()).text(PROPERTY_STRING, unit));
    }
    return to;
  }
}
