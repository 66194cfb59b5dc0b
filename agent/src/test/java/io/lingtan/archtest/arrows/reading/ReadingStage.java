package io.lingtan.archtest.arrows.reading;

import io.lingtan.archtest.arrows.site.SiteStage;

/** May not know site. */
public interface ReadingStage {
  void use(SiteStage other);
}
