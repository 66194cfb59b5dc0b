package io.lingtan.agent.command;

import io.lingtan.agent.Machine;
import io.lingtan.agent.enrol.Invitation;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.StatusSettings;
import io.lingtan.agent.status.access.PinFile;
import io.lingtan.agent.status.handover.Label;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lingtan label}: a sticker for the cabinet. */
@Command(
    name = "label",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Prints a sticker (SVG, 90 mm x 50 mm) with the gateway's id, the address of its"
            + " page as QR code, the PIN and the public key.",
    footer = {
      "",
      "  lingtan label --config site.yaml > label.svg",
      "  lingtan label --enroll \"$(est.py token ...)\" > enrol.svg      at the centre's desk",
      "",
      "The agent makes PIN and key at its first start. Whoever reads the sticker may act on the"
          + " page:",
      "stick it inside the cabinet, or leave the PIN out.",
      "",
      "Exit codes: 0 good, 1 there is no PIN yet or no address, 2 wrong usage or configuration."
    })
final class LabelCommand implements Callable<Integer> {

  private static final List<String> ALL_ADDRESSES = List.of("0.0.0.0", "::");

  @Spec private CommandSpec spec;

  /** Of which gateway, or of none yet. */
  static final class Whose {
    @Option(names = "--config", paramLabel = "site.yaml", description = "The site.")
    private @Nullable Path config;

    @Option(
        names = "--enroll",
        paramLabel = "TEXT",
        description =
            "Instead, the sticker of a gateway that has to enrol: TEXT, lingtan-enroll:1,..., as QR"
                + " code.")
    private @Nullable String invitation;
  }

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Whose whose = new Whose();

  @Option(
      names = "--address",
      paramLabel = "URL",
      description = "Of the page, as a phone on site reaches it; without it this machine's own.")
  private @Nullable String address;

  @Option(names = "--without-pin", description = "Leave the PIN out.")
  private boolean withoutPin;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    Path config = whose.config;
    if (config == null) {
      return toEnrol(String.valueOf(whose.invitation), err);
    }
    Site site = SiteFile.load(config, System.err);
    if (site == null) {
      return ExitCode.WRONG_USAGE;
    }
    Path pinFile = site.status().pinFile();
    if (!site.status().enabled() || pinFile == null) {
      err.println(config + ": status is off, so there is no page to point at: remove that line");
      return ExitCode.WRONG_USAGE;
    }
    String given = address;
    if (given != null && !given.matches("https?://[\\x21-\\x7e]{1,200}")) {
      err.println("--address is a URL such as http://192.168.1.20:8080/, was '" + given + "'");
      return ExitCode.WRONG_USAGE;
    }
    try {
      String page = given == null ? own(site.status(), err) : given;
      String pin = withoutPin ? null : new PinFile(pinFile, Machine.identity()).published();
      String svg = new Label(site.gateway(), site.place().name(), page, pin, key(site, err)).svg();
      spec.commandLine().getOut().print(svg);
      spec.commandLine().getOut().flush();
      return ExitCode.GOOD;
    } catch (IOException e) {
      err.println(e.getMessage());
      return ExitCode.FAILED;
    }
  }

  private int toEnrol(String text, PrintWriter err) {
    try {
      Invitation invitation = Invitation.of(text);
      spec.commandLine()
          .getOut()
          .print(Label.toEnrol(text.strip(), invitation.gateway(), invitation.est()));
      spec.commandLine().getOut().flush();
      return ExitCode.GOOD;
    } catch (IllegalArgumentException e) {
      err.println("--enroll: this is not what a gateway enrols by: " + e.getMessage());
      return ExitCode.WRONG_USAGE;
    }
  }

  private static @Nullable String key(Site site, PrintWriter err) {
    try {
      return new KeyFile(site.journal().keyFile(), Machine.identity()).published().x();
    } catch (IOException e) {
      err.println("the sticker is without the public key: " + e.getMessage());
      return null;
    }
  }

  /** Where the page is for others; says which address it took where there are several. */
  private static String own(StatusSettings status, PrintWriter err) throws IOException {
    String host = status.host();
    if (status.port() == 0) {
      throw new IOException("status.listen takes any free port: give the page's --address");
    }
    if (!ALL_ADDRESSES.contains(host)) {
      if (InetAddress.getByName(host).isLoopbackAddress()) {
        err.println("status.listen is " + host + ": the page opens on this machine only");
      }
      return url(status, host);
    }
    List<String> addresses = new ArrayList<>();
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress one : Collections.list(each.getInetAddresses())) {
        if (one instanceof Inet4Address && !one.isLoopbackAddress() && !one.isLinkLocalAddress()) {
          addresses.add(one.getHostAddress());
        }
      }
    }
    if (addresses.isEmpty()) {
      throw new IOException(
          "this machine has no address of its own yet: give the page's --address");
    }
    if (addresses.size() > 1) {
      err.println(
          "this machine has the addresses "
              + String.join(" ", addresses)
              + "; the sticker has the first: --address chooses another");
    }
    return url(status, addresses.getFirst());
  }

  private static String url(StatusSettings status, String host) {
    String named = host.contains(":") ? "[" + host + "]" : host;
    int usual = status.tls() == null ? 80 : 443;
    String port = status.port() == usual ? "" : ":" + status.port();
    return status.scheme() + "://" + named + port + "/";
  }
}
