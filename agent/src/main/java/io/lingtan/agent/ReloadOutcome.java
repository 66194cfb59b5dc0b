package io.lingtan.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.desk.SiteDesk;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What came of a reload that a signal asked for, in a file for the command that sent it ({@code
 * systemctl reload}): a number that no other has, and below it why the site file is refused, or
 * nothing. Only a service has one, in its runtime directory.
 */
public final class ReloadOutcome {

  private static final Logger log = LoggerFactory.getLogger(ReloadOutcome.class);

  private final @Nullable Path file;
  private final Time time;

  private ReloadOutcome(@Nullable Path file, Time time) {
    this.file = file;
    this.time = time;
  }

  /** The one of the service that these variables of systemd name. */
  public static ReloadOutcome of(Map<String, String> environment, Time time) {
    String folders = environment.getOrDefault("RUNTIME_DIRECTORY", "");
    return new ReloadOutcome(
        folders.isEmpty() ? null : Path.of(folders.split(":", -1)[0], "reload"), time);
  }

  public void tell(SiteDesk.Reloaded came) {
    if (file == null) {
      return;
    }
    String why = came.why() == null ? "" : came.why().english() + "\n";
    try {
      WholeFile.replace(file, (time.now().nanos() + "\n" + why).getBytes(UTF_8));
    } catch (IOException e) {
      log.warn("{} cannot be written: systemctl reload waits in vain: {}", file, e.toString());
    }
  }
}
