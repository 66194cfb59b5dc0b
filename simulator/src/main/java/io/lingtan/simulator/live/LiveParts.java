package io.lingtan.simulator.live;

import io.lingtan.agent.site.Line;
import io.lingtan.simulator.device.CoapNode;
import io.lingtan.simulator.device.CoapPeer;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.contact.Contact;
import io.lingtan.simulator.device.contact.WiredChip;
import io.lingtan.simulator.device.site.SimulatedSite;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Opens the lines of a site that carry no bytes: CoAP servers, nodes that push, inputs. */
final class LiveParts {

  private final SimulatedSite site;
  private final WorldClock clock;
  private final SiteStep step;
  private final LiveLines lines;
  private final InetAddress host;
  private final @Nullable Psk psk;
  private final List<String> places = new ArrayList<>();
  private final List<String> words = new ArrayList<>();

  LiveParts(
      SimulatedSite site,
      WorldClock clock,
      SiteStep step,
      LiveLines lines,
      InetAddress host,
      @Nullable Psk psk) {
    this.site = site;
    this.clock = clock;
    this.step = step;
    this.lines = lines;
    this.host = host;
    this.psk = psk;
  }

  /**
   * Opens them all.
   *
   * @throws IOException saying what, where and what to do
   */
  void open() throws IOException {
    for (CoapPeer peer : site.coapPeers()) {
      if (peer.pushing()) {
        push(peer);
      } else {
        serve(peer);
      }
    }
    for (WiredChip chip : site.chips()) {
      wire(chip);
    }
  }

  private void serve(CoapPeer peer) throws IOException {
    int port = lines.nextPort();
    int secure = psk == null ? 0 : lines.nextPort();
    CoapPart part;
    try {
      part =
          CoapPart.open(
              peer,
              site.world(),
              clock,
              new InetSocketAddress(host, port),
              psk == null ? null : new InetSocketAddress(host, secure),
              psk);
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on %s UDP port %d for line %s (%s); name other ports with --port, or 0 for"
                  .formatted(host.getHostAddress(), port, peer.line(), e.getMessage())
              + " any free ones",
          e);
    }
    step.add(part);
    lines.placed(peer.line(), part.port());
    String where = host.getHostAddress() + ":" + part.port();
    for (CoapNode node : peer.nodes()) {
      place(peer.line(), "coap://" + where, node.path(), node.id(), node.profile());
    }
    String path = peer.nodes().getFirst().path();
    words.add("%s: coap-client-notls -s 5 coap://%s%s".formatted(peer.line(), where, path));
    Psk key = psk;
    if (key != null) {
      words.add(
          "%s: coap-client-openssl -u %s -k KEY coaps://%s:%d%s"
              .formatted(
                  peer.line(), key.identity(), host.getHostAddress(), part.securePort(), path));
    }
  }

  private void push(CoapPeer peer) throws IOException {
    Line.CoapServer line = line(peer.line(), Line.CoapServer.class);
    PushPart part;
    try {
      part = PushPart.open(peer, line, site.world(), clock);
    } catch (IOException e) {
      throw new IOException(
          "cannot get a UDP socket for the nodes of line %s (%s); are too many files open?"
              .formatted(peer.line(), e.getMessage()),
          e);
    }
    step.add(part);
    for (CoapNode node : peer.nodes()) {
      place(peer.line(), "pushes to " + part.where(), node.path(), node.id(), node.profile());
    }
  }

  private void wire(WiredChip chip) throws IOException {
    Line.Gpio line = line(chip.line(), Line.Gpio.class);
    InputPart part = InputPart.find(InputPart.SYSFS, chip, line, clock);
    if (part == null) {
      words.add(
          chip.line()
              + ": no gpio-sim chip here with lines "
              + chip.contacts().keySet()
              + " to pull (modprobe gpio-sim, make one in /sys/kernel/config/gpio-sim, run as"
              + " root): its inputs stay still, all other lines run");
      return;
    }
    step.add(part);
    for (var entry : chip.contacts().entrySet()) {
      Contact contact = entry.getValue();
      place(
          chip.line(), part.where().toString(), "offset " + entry.getKey(), contact.id(), "input");
    }
  }

  private void place(String line, String where, String unit, String device, String profile) {
    places.add(
        String.format(
            Locale.ROOT, "%-12s %-28s %-12s  %-8s %s", line, where, unit, device, profile));
  }

  private <L extends Line> L line(String id, Class<L> kind) {
    return site.site().lines().stream()
        .filter(line -> line.id().equals(id))
        .map(kind::cast)
        .findFirst()
        .orElseThrow();
  }

  /** A row for each device, as of the table of lines. */
  List<String> places() {
    return places;
  }

  /** How a person asks them, or why nobody can. */
  List<String> words() {
    return words;
  }
}
