package io.lingtan.agent.meter;

/** What a gas meter's register counted, before it is corrected: {@code max_rate} is of that. */
record RawCount(EnergyLine line) implements MeterCheck {

  /** A checkpoint of software that did not keep it has no beginning of it. */
  void count(Mark at, long counted, long reading) {
    if (line.isStarted()) {
      line.count(at, counted, reading);
    } else {
      line.start(at, reading);
    }
  }

  @Override
  public void checkpoint(CheckpointWriter to) {
    line.checkpoint(to);
  }

  @Override
  public void restore(CheckpointReader from) {
    line.restore(from, true);
  }
}
