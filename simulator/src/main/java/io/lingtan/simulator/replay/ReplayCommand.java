package io.lingtan.simulator.replay;

import io.lingtan.simulator.prove.Card;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lingtan-sim replay}. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Runs a gateway's diagnostics bundle through the agent's own stages on virtual time and"
            + " prints the records that come of it, one a line.",
    footer = {
      "",
      "A bundle is what http://GATEWAY:8080/api/bundle gives, or a folder with its files.",
      "Exit code 1: the case folder could not be written. 2: the bundle cannot be used."
    })
public final class ReplayCommand implements Callable<Integer> {

  private static final int FAILED = 1;
  private static final int WRONG = 2;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "BUNDLE", description = "Zip or folder.")
  private Path bundle = Path.of("");

  @Option(
      names = "--save",
      paramLabel = "DIR",
      description = "Also make a case folder of it: the recording and these records.")
  private @Nullable Path save;

  @Override
  public Integer call() {
    PrintWriter errors = spec.commandLine().getErr();
    try (Card work = Card.inMemory()) {
      Path folder = save;
      if (folder != null && !CaseFolder.isFree(folder)) {
        errors.println("lingtan-sim replay: --save " + folder + ": is there already; name another");
        return WRONG;
      }
      Path unpacked = Files.createDirectory(work.folder().resolve("bundle"));
      Recording recording = Recording.read(bundle, unpacked);
      Replay replay = Replay.run(recording, work.folder());
      PrintWriter out = spec.commandLine().getOut();
      replay.records().forEach(out::println);
      out.flush();
      errors.printf(
          "%d records of %.1f s and %d lines; %d requests found in the recording, %d not%n",
          replay.records().size(),
          (recording.madeNanos() - recording.startNanos()) / 1e9,
          recording.lines().size(),
          replay.answered(),
          replay.unknown());
      if (folder != null) {
        CaseFolder.save(folder, recording, replay.records());
        errors.println("saved as " + folder);
      }
      return 0;
    } catch (BadBundle e) {
      errors.println("lingtan-sim replay: " + e.getMessage());
      return WRONG;
    } catch (IOException e) {
      errors.println("lingtan-sim replay: cannot write: " + e.getMessage());
      return FAILED;
    }
  }
}
