package io.lingtan.simulator.fault;

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
   */
  record Restored(long fromMillis, long untilMillis, long ageMillis) implements HostFault {
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
   * Somebody puts another site file in place and restarts the agent, cleanly.
   *
   * @param site name of the site that is in force from then on
   */
  record SiteChanged(long fromMillis, long untilMillis, String site) implements HostFault {
    public SiteChanged {
      Rules.span(fromMillis, untilMillis);
      if (site.isBlank()) {
        throw new IllegalArgumentException("the other site has a name");
      }
    }
  }
}
