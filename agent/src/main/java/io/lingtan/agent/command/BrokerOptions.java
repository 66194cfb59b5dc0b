package io.lingtan.agent.command;

import io.lingtan.agent.audit.link.BrokerAddress;
import io.lingtan.agent.tls.Tls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a command comes to a broker, and as whom. */
public final class BrokerOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--broker",
      required = true,
      paramLabel = "URL",
      description = "mqtt://HOST[:1883] or mqtts://HOST[:8883]; MQTT 5.")
  private String broker;

  @Option(names = "--user", paramLabel = "NAME", description = "For the broker.")
  private @Nullable String user;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "Holds the password; a line end at its end is not part of it.")
  private @Nullable Path passwordFile;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "PEM file of the authority to trust instead of this machine's own list.")
  private @Nullable Path ca;

  @Option(
      names = "--cert",
      paramLabel = "FILE",
      description = "PEM file of our own certificate, for a broker that wants one; with --key.")
  private @Nullable Path cert;

  @Option(names = "--key", paramLabel = "FILE", description = "Its private key, PEM.")
  private @Nullable Path key;

  /**
   * Where it is.
   *
   * @throws ParameterException if the options do not fit together
   */
  public BrokerAddress address() {
    BrokerAddress address;
    try {
      address = BrokerAddress.parse(broker);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--broker: " + e.getMessage(), e);
    }
    if (!address.tls() && (ca != null || cert != null || key != null)) {
      throw new ParameterException(
          spec.commandLine(), "--ca, --cert and --key: only with mqtts://");
    }
    if ((cert == null) != (key == null)) {
      throw new ParameterException(spec.commandLine(), "--cert and --key go together");
    }
    return address;
  }

  public @Nullable String user() {
    return user;
  }

  /** What is in the file; null without one. */
  public byte @Nullable [] password() throws IOException {
    if (passwordFile == null) {
      return null;
    }
    if (!Files.isReadable(passwordFile)) {
      throw new IOException("cannot read " + passwordFile + ": check its name and permission");
    }
    return Files.readString(passwordFile, StandardCharsets.UTF_8)
        .replaceFirst("\\R\\z", "")
        .getBytes(StandardCharsets.UTF_8);
  }

  public Tls.Identity identity() {
    return new Tls.Identity(ca, cert, key);
  }
}
