package io.lingtan.agent;

import io.lingtan.agent.site.Loaded;
import io.lingtan.agent.site.Problem;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.SiteLoader;
import java.io.PrintStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Loads the site file for a command and tells a person what is wrong with it. */
final class SiteFile {

  private SiteFile() {}

  /** The site, or null after every problem has been printed. Warnings are printed either way. */
  static @Nullable Site load(Path file, PrintStream errors) {
    Loaded loaded = new SiteLoader().load(file);
    long wrong = 0;
    for (Problem problem : loaded.problems()) {
      errors.println(problem);
      if (problem.severity() == Problem.Severity.ERROR) {
        wrong++;
      }
    }
    if (loaded.site() == null) {
      errors.println(wrong == 1 ? "1 error" : wrong + " errors");
    }
    return loaded.site();
  }
}
