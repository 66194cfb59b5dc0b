package io.lingtan.agent.status.access;

import java.util.Locale;

/**
 * The person who gave a PIN.
 *
 * @param name empty for whoever has the PIN of the label, which is nobody's in particular
 * @param role what that person may do
 */
public record Technician(String name, Role role) {

  /** By the PIN of the label, or a program of this machine. */
  static final Technician UNNAMED = new Technician("", Role.CONFIGURE);

  /** What somebody may do; each may do what those before it may. */
  public enum Role {
    /** See the page. */
    LOOK,
    /** Ask lines, compare meters, acknowledge events, make acceptance records. */
    ACT,
    /** Change the site file, set the clock, end the sessions of others. */
    CONFIGURE;

    /** The word in the file of technicians, and in events. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Whether it is the PIN of the label: it is the office's, and the only one that lets others in.
   */
  public boolean isOffice() {
    return name.isEmpty();
  }

  boolean may(Role needed) {
    return role.compareTo(needed) >= 0;
  }
}
