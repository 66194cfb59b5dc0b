package io.lingtan.archtest.statics;

import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicLong;

final class Counters {
  static int count;
  static final AtomicLong TOTAL = new AtomicLong();
  static final ArrayList<String> SEEN = new ArrayList<>();
  static final long LIMIT = 5;

  private Counters() {}
}
