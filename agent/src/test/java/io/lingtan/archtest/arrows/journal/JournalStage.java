package io.lingtan.archtest.arrows.journal;

import io.lingtan.archtest.arrows.site.SiteStage;

/** May not know site. */
public interface JournalStage {
  void use(SiteStage other);
}
