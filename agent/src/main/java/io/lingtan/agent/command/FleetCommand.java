package io.lingtan.agent.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.fleet.FleetDocument;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.site.SmallFile;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lingtan fleet}: the centre's side of gateways that it may change. */
@Command(
    name = "fleet",
    mixinStandardHelpOptions = true,
    description = "Changes site files and software of gateways from afar, signed.",
    footer = {"", "Exit codes: 0 good, 1 failed, 2 wrong usage or configuration."})
public final class FleetCommand implements Runnable {

  /** Room for any date and time in digits, and half of what a gateway reads is left above it. */
  private static final long MOST_SERIAL = 1L << 52;

  private static final Duration LONGEST_VALIDITY = Duration.ofDays(3650);

  private static final Pattern PACKAGE = Pattern.compile("lingtan_(.+)_all\\.deb");

  /** In bytes. */
  private static final int LARGEST_KEY = 4096;

  private final Time time;

  @Spec private CommandSpec spec;

  public FleetCommand(Time time) {
    this.time = time;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command: key, sign, status or wave");
  }

  @Command(
      name = "key",
      mixinStandardHelpOptions = true,
      description =
          "Makes the fleet's key: the private one in OUT, which only its owner may read; prints the"
              + " public one, for fleet.key of each site file. Keep OUT away from gateways and"
              + " brokers.")
  int key(@Parameters(paramLabel = "OUT", description = "A new file.") Path out) {
    SigningKey key = SigningKey.make(Randomness.system());
    try {
      if (Files.exists(out)) {
        throw new FileAlreadyExistsException("it is there already, and no key is written over");
      }
      WholeFile.replace(
          out,
          (key.jwk() + "\n").getBytes(UTF_8),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (IOException e) {
      throw wrong("key", out + " cannot be written: " + said(e), e);
    }
    spec.commandLine().getOut().println(key.open().x());
    return ExitCode.GOOD;
  }

  /** Whom a document is for. */
  static final class Addressee {
    @Option(names = "--gateway", paramLabel = "ID", description = "This gateway alone.")
    private @Nullable String gateway;

    @Option(
        names = "--group",
        paramLabel = "NAME",
        description =
            "Each gateway whose site file has this fleet.group; the file may leave gateway out.")
    private @Nullable String group;
  }

  /** What is signed. */
  static final class What {
    @Option(
        names = "--config",
        paramLabel = "new.yaml",
        description = "The whole site file, at most 256 kB with what is around it.")
    private @Nullable Path config;

    @Option(
        names = "--software",
        paramLabel = "lingtan_VERSION_all.deb",
        description = "The package; with --url.")
    private @Nullable Path software;
  }

  @Command(
      name = "sign",
      sortOptions = false,
      mixinStandardHelpOptions = true,
      description =
          "Prints a signed document, to be published retained and as it is, at"
              + " lingtan/v1/GATEWAY/desired/config (with --software desired/software) of each"
              + " gateway that it is for.")
  int sign(
      @Option(names = "--key", required = true, paramLabel = "FILE", description = "Private key.")
          Path key,
      @ArgGroup(exclusive = true, multiplicity = "1") Addressee to,
      @ArgGroup(exclusive = true, multiplicity = "1") What what,
      @Option(
              names = "--url",
              paramLabel = "URL",
              description = "Of the folder that gateways get the package from; with --software.")
          @Nullable String url,
      @Option(
              names = "--serial",
              paramLabel = "N",
              description =
                  "Above that of each document before; without it the seconds since 1970 UTC.")
          @Nullable Long serial,
      @Option(
              names = "--base",
              paramLabel = "HASH",
              description = "Only in place of the site file with this hash (of reported and meta).")
          @Nullable String base,
      @Option(
              names = "--expires",
              paramLabel = "TIME",
              defaultValue = "2d",
              converter = AuditCommand.DurationConverter.class,
              description = "From when on it is not obeyed any more (default ${DEFAULT-VALUE}).")
          Duration expires) {
    if ((what.software == null) != (url == null)) {
      throw wrong("sign", "--software and --url go together", null);
    }
    if (what.software != null && base != null) {
      throw wrong("sign", "--base is of a site file: it does not go with --software", null);
    }
    if (expires.compareTo(LONGEST_VALIDITY) > 0) {
      throw wrong("sign", "--expires: ten years at most", null);
    }
    if (serial != null && serial > MOST_SERIAL) {
      throw wrong(
          "sign",
          "--serial: at most %d, so that there are higher ones".formatted(MOST_SERIAL),
          null);
    }
    long nowMillis = time.wall().millisAt(time.now());
    String document;
    try {
      document =
          new FleetDocument(
                  to.gateway,
                  to.group,
                  serial == null ? nowMillis / 1000 : serial,
                  base,
                  nowMillis + expires.toMillis(),
                  what.config == null ? "" : body(what.config, to),
                  what.software == null ? null : software(what.software, String.valueOf(url)))
              .signed(secret(key, "--key"));
    } catch (IllegalArgumentException e) {
      throw wrong("sign", String.valueOf(e.getMessage()), e);
    }
    if (document.getBytes(UTF_8).length > FleetDocument.LARGEST) {
      throw wrong(
          "sign",
          what.config + " is too large: a document has at most " + FleetDocument.LARGEST + " bytes",
          null);
    }
    if (serial != null && serial > nowMillis / 1000 + 86_400) {
      spec.commandLine()
          .getErr()
          .println(
              "note: --serial "
                  + serial
                  + " is above the seconds since 1970: once it is obeyed no document without a"
                  + " higher --serial is");
    }
    spec.commandLine().getOut().println(document);
    return ExitCode.GOOD;
  }

  private static FleetDocument.Software software(Path file, String url) {
    Matcher name = PACKAGE.matcher(String.valueOf(file.getFileName()));
    if (!name.matches()) {
      throw new IllegalArgumentException(
          "--software: "
              + file
              + " is not called lingtan_VERSION_all.deb, as gateways look for it");
    }
    byte[] bytes = read(file, (int) FleetDocument.Software.LARGEST);
    return new FleetDocument.Software(name.group(1), Sha256.hex(bytes), bytes.length, url);
  }

  private ParameterException wrong(String command, String text, @Nullable Exception why) {
    return new ParameterException(
        Objects.requireNonNull(spec.subcommands().get(command)), text, why);
  }

  private static String said(IOException e) {
    return e instanceof NoSuchFileException
        ? "there is no such file or folder"
        : String.valueOf(e.getMessage());
  }

  private static byte[] read(Path file, int largest) {
    try {
      return SmallFile.read(file, largest);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + " cannot be read: " + said(e), e);
    }
  }

  /**
   * @throws IllegalArgumentException if it cannot be read or is none
   */
  static SigningKey secret(Path file, String option) {
    byte[] bytes = read(file, LARGEST_KEY);
    try {
      return SigningKey.ofJwk(new String(bytes, UTF_8));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          option + ": " + file + " is no private key of lingtan fleet key: " + e.getMessage(), e);
    }
  }

  /** Says what is wrong with the file here; the gateway, which has its own files, decides. */
  private String body(Path config, Addressee to) {
    byte[] bytes = read(config, FleetDocument.LARGEST);
    String text;
    try {
      text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "--config: " + config + " is not UTF-8: save it as UTF-8 and sign that", e);
    }
    Loaded loaded = new SiteLoader().read(config, bytes);
    for (Problem problem : loaded.problems()) {
      boolean isLeftOut = to.group != null && problem.message().contains("needs gateway");
      if (problem.severity() == Problem.Severity.ERROR && !isLeftOut) {
        spec.commandLine().getErr().println("note: " + problem);
      }
    }
    if (loaded.site() != null
        && to.gateway != null
        && !loaded.site().gateway().equals(to.gateway)
        && !text.contains("gateway: auto")) {
      spec.commandLine()
          .getErr()
          .println(
              "note: "
                  + config
                  + " is of gateway "
                  + loaded.site().gateway()
                  + "; "
                  + to.gateway
                  + " refuses what would rename it");
    }
    return text;
  }
}
