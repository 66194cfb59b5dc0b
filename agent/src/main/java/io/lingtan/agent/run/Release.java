package io.lingtan.agent.run;

/** The version of this software. */
public final class Release {

  private Release() {}

  /** As the jar's manifest has it; {@code dev} when run from classes. */
  public static String version() {
    String version = Release.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }
}
