package io.lingtan.agent.status.report;

import io.lingtan.agent.reading.Quality;

/** Chinese first: it is who the report is handed to. */
public enum Language {
  CHINESE("zh", "zh-CN"),
  ENGLISH("en", "en");

  private final String key;
  private final String tag;

  Language(String key, String tag) {
    this.key = key;
    this.tag = tag;
  }

  /** As in {@code ?lang=}. */
  public String key() {
    return key;
  }

  /** As in {@code <html lang>}. */
  public String tag() {
    return tag;
  }

  public Language other() {
    return this == CHINESE ? ENGLISH : CHINESE;
  }

  public String of(String chinese, String english) {
    return this == CHINESE ? chinese : english;
  }

  /** A quality in words. */
  String quality(Quality quality) {
    return switch (quality) {
      case MEASURED -> of("实测", "measured");
      case DERIVED -> of("推导", "derived");
      case EST_LINEAR -> of("线性估算", "estimated (linear)");
      case EST_PROFILE -> of("曲线估算", "estimated (profile)");
      case SUBSTITUTED -> of("人工替代", "substituted");
      case PARTIAL -> of("部分", "partial");
      case SUSPECT -> of("存疑", "suspect");
      case MISSING -> of("缺失", "missing");
    };
  }

  public static Language of(String key) {
    return key.equals(ENGLISH.key) ? ENGLISH : CHINESE;
  }
}
