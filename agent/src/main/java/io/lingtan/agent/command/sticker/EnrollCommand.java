package io.lingtan.agent.command.sticker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.command.ExitCode;
import io.lingtan.agent.enrol.Enrolment;
import io.lingtan.agent.enrol.Invitation;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lingtan enroll}: the gateway's certificate and broker, by what its sticker says. */
@Command(
    name = "enroll",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Gets this gateway's certificate with the token of its sticker, and writes its id and its"
            + " broker into the site file. The private key is made here and stays here.",
    footer = {
      "",
      "  sudo -u lingtan lingtan enroll --config /etc/lingtan/site.yaml -    and the sticker's"
          + " text",
      "  sudo systemctl restart lingtan",
      "",
      "Whatever interrupts it, the same text once more goes on.",
      "",
      "Exit codes: 0 good, 1 nothing came of it, 2 wrong usage."
    })
public final class EnrollCommand implements Callable<Integer> {

  private static final int MOST_TEXT = 4096;

  @Spec private CommandSpec spec;

  @Option(names = "--config", required = true, paramLabel = "site.yaml", description = "The site.")
  private Path config;

  @Parameters(
      paramLabel = "TEXT",
      description = "What the QR code says, lingtan-enroll:1,...; or - to be asked for it.")
  private String text;

  private final InputStream in;

  /**
   * @param in where the text comes from where it is asked for
   */
  public EnrollCommand(InputStream in) {
    this.in = in;
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Invitation invitation;
    try {
      String given = text.equals("-") ? new String(line(), UTF_8) : text;
      invitation = Invitation.of(given);
    } catch (IllegalArgumentException e) {
      err.println("this is not what a gateway's sticker says: " + e.getMessage());
      return ExitCode.WRONG_USAGE;
    }
    Path folder = config.toAbsolutePath().getParent();
    if (!Files.isRegularFile(config) || folder == null) {
      err.println(config + ": there is no such file");
      return ExitCode.WRONG_USAGE;
    }
    String owner = Files.getOwner(folder).getName();
    if (!owner.equals(System.getProperty("user.name"))
        && "root".equals(System.getProperty("user.name"))) {
      err.println(
          "what is made here the agent has to renew: run this as its user, sudo -u " + owner);
      return ExitCode.WRONG_USAGE;
    }
    try {
      Enrolment.Enrolled done = Enrolment.enrol(config, invitation);
      spec.commandLine()
          .getOut()
          .printf(
              "gateway %s has a certificate until %s, and renews it; restart the agent:"
                  + " sudo systemctl restart lingtan%n",
              done.gateway(), done.ends());
      return ExitCode.GOOD;
    } catch (Enrolment.Failed e) {
      err.println("not enrolled: " + e.getMessage());
      return ExitCode.FAILED;
    }
  }

  private byte[] line() throws IOException {
    byte[] all = new byte[MOST_TEXT];
    int size = 0;
    for (int next = in.read(); next >= 0 && next != '\n' && size < MOST_TEXT; next = in.read()) {
      all[size++] = (byte) next;
    }
    return Arrays.copyOf(all, size);
  }
}
