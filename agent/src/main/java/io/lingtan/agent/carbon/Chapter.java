package io.lingtan.agent.carbon;

/** A group of figures that belong together. Chapters are worked out in a fixed order. */
interface Chapter {

  /** Of a base interval: from what its meters counted, and from the chapters before. */
  void base(Sheet sheet);

  /** Of a longer interval: from its own counts, and from the sums of its base intervals. */
  void rollUp(Sheet sheet);
}
