package io.lingtan.agent.command;

import io.lingtan.agent.Machine;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lingtan key}: the public key of this gateway, and another one in its place. */
@Command(
    name = "key",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Prints the public key (JWK) that this gateway signs interval records with.",
    footer = {
      "",
      "With --rotate the new key signs from the agent's next start on, and its first record"
          + " carries",
      "the old key's word for it: whoever has the old key can go on. Where the old key may be"
          + " known",
      "to somebody else its word is worth nothing: remove journal.key_file instead, and hand the",
      "new public key out by hand.",
      "",
      "Exit codes: 0 good, 1 failed, 2 wrong usage or configuration."
    })
public final class KeyCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(names = "--config", required = true, paramLabel = "site.yaml", description = "The site.")
  private Path config;

  @Option(names = "--rotate", description = "Put a new key in the place of the one in use.")
  private boolean rotate;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    @Nullable Site site = SiteFile.load(config, System.err);
    if (site == null) {
      return ExitCode.WRONG_USAGE;
    }
    KeyFile file = new KeyFile(site.journal().keyFile(), Machine.identity());
    try {
      VerifyingKey key = rotate ? file.rotate(Randomness.system()) : file.published();
      spec.commandLine().getOut().println(key.jwk());
      return ExitCode.GOOD;
    } catch (IOException e) {
      err.println(e.getMessage());
      return ExitCode.FAILED;
    }
  }
}
