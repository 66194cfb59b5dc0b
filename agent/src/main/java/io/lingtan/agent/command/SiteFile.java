package io.lingtan.agent.command;

import io.lingtan.agent.acquire.poll.ReadPlan;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.status.report.Forms;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Loads the site file for a command and tells a person what is wrong with it. */
final class SiteFile {

  /** Above this there is little room for repetitions. */
  private static final double FULL_PERCENT = 80;

  private SiteFile() {}

  /** The site, or null after every problem has been printed. Warnings are printed either way. */
  static @Nullable Site load(Path file, PrintStream errors) {
    return load(file, errors, false);
  }

  /** The same where a file of prices or a form that is wrong is no reason not to read meters. */
  static @Nullable Site loadToRun(Path file, PrintStream errors) {
    return load(file, errors, true);
  }

  private static @Nullable Site load(Path file, PrintStream errors, boolean isToRun) {
    Loaded loaded = new SiteLoader().load(file);
    long wrong = 0;
    for (Problem problem : loaded.problems()) {
      errors.println(problem);
      if (problem.severity() == Problem.Severity.ERROR) {
        wrong++;
      }
    }
    if (loaded.site() != null) {
      warnOfFullLines(file, loaded.site(), errors);
    }
    if (loaded.site() != null) {
      for (Problem problem : new Forms(loaded.site(), SiteFigures.LISTED).problems()) {
        errors.println(problem);
        wrong += problem.severity() == Problem.Severity.ERROR ? 1 : 0;
      }
    }
    boolean isRefused = loaded.site() == null || (wrong > 0 && !isToRun);
    if (isRefused) {
      errors.println(wrong == 1 ? "1 error" : wrong + " errors");
    }
    return isRefused ? null : loaded.site();
  }

  /**
   * A schedule that a line cannot keep is no reason not to run: polls are left out, and counted.
   */
  private static void warnOfFullLines(Path file, Site site, PrintStream errors) {
    for (Line line : site.lines()) {
      double percent = line.isPolled() ? ReadPlan.of(line).utilisationPercent() : 0;
      if (percent > FULL_PERCENT) {
        errors.printf(
            Locale.ROOT,
            "%s: warning: line %s would be in use %.0f %% of the time%s: poll its devices less"
                + " often%n",
            file,
            line.id(),
            percent,
            percent > 100 ? ", which leaves polls out" : ", with little room for repetitions");
      }
    }
  }
}
