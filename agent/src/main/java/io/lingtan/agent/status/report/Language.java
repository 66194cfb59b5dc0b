package io.lingtan.agent.status.report;

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

  public static Language of(String key) {
    return key.equals(ENGLISH.key) ? ENGLISH : CHINESE;
  }
}
