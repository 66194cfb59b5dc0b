package io.lingtan.agent.reading;

/** The protocols whose meters have an address of their own. */
public enum MeterFamily {
  DLT645("DL/T 645"),
  CJT188("CJ/T 188"),
  MBUS("M-Bus");

  private final String title;

  MeterFamily(String title) {
    this.title = title;
  }

  /** The standard's name. */
  public String title() {
    return title;
  }
}
