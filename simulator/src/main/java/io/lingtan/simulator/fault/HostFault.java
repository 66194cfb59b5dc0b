package io.lingtan.simulator.fault;

import java.util.Locale;

/**
 * Something that happens to the machine the agent runs on, or to its card. One that ends the agent
 * keeps it away until {@link #untilMillis}.
 */
public sealed interface HostFault extends Fault {

  /** When it is over, and the agent back: UTC ms of the world. */
  @Override
  long untilMillis();

  @Override
  default String target() {
    return "machine";
  }

  @Override
  default String kind() {
    return switch (this) {
      case Killed killed -> "killed";
      case PowerCut cut -> cut.torn() ? "power_cut_torn" : "power_cut";
      case ForgetfulCard card -> "card_forgets";
      case Restored restored -> "card_restored";
      case Cloned cloned -> "card_cloned";
      case DiskFull full -> "disk_full";
      case ReadOnly readOnly -> "disk_read_only";
      case IoError error -> "disk_io_error";
      case SiteChanged changed -> "site_changed";
    };
  }

  /** The process ends between two instructions; the machine goes on. */
  record Killed(long fromMillis, long untilMillis) implements HostFault {
    public Killed {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * The machine loses power while the journal writes: of what was written after the last sync the
   * card has a part.
   *
   * @param torn whether a sector in the middle of that part is missing too, because a card writes
   *     in an order of its own
   */
  record PowerCut(long fromMillis, long untilMillis, boolean torn) implements HostFault {
    public PowerCut {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * Power is lost, and the card has only what it had some time before: it had said "synced" to what
   * was in its own memory.
   *
   * @param forgottenMillis before the cut, 1 ms..1 day
   */
  record ForgetfulCard(long fromMillis, long untilMillis, long forgottenMillis)
      implements HostFault {
    public ForgetfulCard {
      Rules.span(fromMillis, untilMillis);
      Rules.past(forgottenMillis, "what a card forgets");
    }
  }

  /**
   * The machine is stopped cleanly and gets an older image of its own card.
   *
   * @param ageMillis of the image, 1 ms..1 day
   * @param clean whether the agent was stopped for the image, as when a card is copied in another
   *     machine: then nothing on it says that it was in use
   */
  record Restored(long fromMillis, long untilMillis, long ageMillis, boolean clean)
      implements HostFault {

    public Restored {
      Rules.span(fromMillis, untilMillis);
      Rules.past(ageMillis, "the age of an image");
    }
  }

  /**
   * The card, or an image of it, goes on in another machine, under the same gateway id.
   *
   * @param machine identity of the other machine
   */
  record Cloned(long fromMillis, long untilMillis, String machine) implements HostFault {
    public Cloned {
      Rules.span(fromMillis, untilMillis);
      if (machine.isBlank()) {
        throw new IllegalArgumentException("the other machine has an identity");
      }
    }
  }

  /** Nothing more fits on the disk. */
  record DiskFull(long fromMillis, long untilMillis) implements HostFault {
    public DiskFull {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /** The kernel has remounted the file system read-only. */
  record ReadOnly(long fromMillis, long untilMillis) implements HostFault {
    public ReadOnly {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /** Writes and syncs fail, some of them after the card has taken everything. */
  record IoError(long fromMillis, long untilMillis) implements HostFault {
    public IoError {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * Somebody changes the site file and restarts the agent, cleanly, as a person does: a few seconds
   * without it. When this is over the old file is put back in the same way. A machine that is off
   * finds the other file when it comes back.
   *
   * <p>Expected of a reader: what is in no file is not missing; of what was not looked at nothing
   * is told as good; readings of registers that are scaled otherwise say nothing about each other.
   *
   * @param device its id in the file as it is kept
   */
  record SiteChanged(long fromMillis, long untilMillis, String device, Change change)
      implements HostFault {

    /** What is written otherwise meanwhile. */
    public enum Change {
      /** The device, and all meters that it measures, are not in the file. */
      TAKEN_OUT,
      /** The device has another id. */
      RENAMED,
      /** The device is read, but measures no meter. */
      METER_OUT,
      /** The current transformer's ratio is half of what it is. */
      RATIO_HALVED,
      /** The device is polled and recorded at other times. */
      PERIOD_CHANGED;

      /** In scenario files. */
      public String word() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    public SiteChanged {
      Rules.span(fromMillis, untilMillis);
    }
  }
}
