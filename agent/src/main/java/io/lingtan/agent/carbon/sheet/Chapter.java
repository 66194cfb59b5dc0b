package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Indicator;
import java.util.List;

/** A group of figures that belong together. Chapters are worked out in a fixed order. */
public interface Chapter {

  /** The figures that it may give, in their order. */
  List<Indicator> listed();

  /**
   * Of a base interval: from what its meters counted, and from the chapters before. Nothing where
   * its figures are of hours, days or months alone.
   */
  default void base(Sheet sheet) {}

  /** Of a longer interval: from its own counts, and from the sums of its base intervals. */
  void rollUp(Sheet sheet);
}
