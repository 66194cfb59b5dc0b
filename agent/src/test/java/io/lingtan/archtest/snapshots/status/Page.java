package io.lingtan.archtest.snapshots.status;

import io.lingtan.archtest.snapshots.carbon.CarbonSnapshot;
import io.lingtan.archtest.snapshots.journal.History;

interface Page {
  void show(History history, CarbonSnapshot carbon);
}
