package io.lingtan.agent.reading;

/** The protocols whose meters have an address of their own. */
public enum MeterFamily {
  DLT645("DL/T 645", "电表"),
  CJT188("CJ/T 188", "水、气、热表"),
  MBUS("M-Bus", "M-Bus 仪表");

  private final String title;
  private final String chinese;

  MeterFamily(String title, String chinese) {
    this.title = title;
    this.chinese = chinese;
  }

  /** The standard's name. */
  public String title() {
    return title;
  }

  /** What its meters are, in Chinese. */
  public String chinese() {
    return chinese;
  }
}
