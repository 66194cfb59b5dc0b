package io.lingtan.agent.command;

import io.lingtan.agent.acquire.gpio.ChipLook;
import io.lingtan.agent.acquire.hand.CoapVisit;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.desk.CheckFinding;
import io.lingtan.agent.desk.PortCheck;
import io.lingtan.agent.publish.link.BrokerCheck;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.share.Share;
import io.lingtan.agent.tls.Tls;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What of a site file's world this machine really has: ports, endpoints, inputs, clock, room, page
 * and broker. Takes nothing from an agent that runs: what is its own is said to be.
 */
final class HereCheck {

  private static final int CONNECT_MILLIS = 2000;
  private static final long MEGABYTE = 1_000_000L;
  private static final long FEW_INODES = 1000;

  /** Below this a clock has plainly never been set: it is earlier than this software. */
  private static final Instant PLAINLY_WRONG = Instant.parse("2026-01-01T00:00:00Z");

  private final Site site;
  private final @Nullable AgentHere agent;
  private final PortCheck ports;
  private final List<CheckFinding> found = new ArrayList<>();

  /**
   * @param agent that runs on this machine with this site, null if none is seen
   * @param ports looks at serial ports
   */
  HereCheck(Site site, @Nullable AgentHere agent, PortCheck ports) {
    this.site = site;
    this.agent = agent;
    this.ports = ports;
  }

  /**
   * On this machine.
   *
   * @param processes where agents are looked for
   */
  static HereCheck of(Site site, Path processes) {
    AgentHere running = null;
    for (AgentHere each : AgentHere.in(processes)) {
      if (each.site().gateway().equals(site.gateway())) {
        running = each;
      }
    }
    if (running == null && site.status().enabled() && AgentPage.of(site).isOf(site.gateway())) {
      running = new AgentHere(0, site);
    }
    return new HereCheck(site, running, PortCheck.here());
  }

  /**
   * Looks at everything, which takes up to half a minute where a broker does not answer.
   *
   * @throws InterruptedException if it is to end before
   */
  List<CheckFinding> run() throws InterruptedException {
    if (agent != null) {
      String process = agent.pid() == 0 ? "" : ", process " + agent.pid();
      found.add(
          CheckFinding.good(
              "agent", "runs" + process + ": what it has is not tried, its page tells more"));
    }
    for (Line line : site.lines()) {
      look(line);
    }
    clock(new SystemTime(site.clock().trust()));
    room();
    page();
    broker();
    return found;
  }

  private boolean agentHas(Line line) {
    return agent != null && agent.line(line) != null;
  }

  private void look(Line line) throws InterruptedException {
    String what = "line " + line.id();
    switch (line) {
      case Line.Serial serial -> serial(what, serial);
      case Line.ModbusTcp tcp -> endpoint(what, line, tcp.host(), tcp.port());
      case Line.ModbusRtuTcp tcp -> endpoint(what, line, tcp.host(), tcp.port());
      case Line.Coap coap -> coap(what, coap);
      case Line.CoapServer server -> listens(what, server.listen());
      case Line.Gpio gpio -> chip(what, gpio);
    }
    Share share = line.share();
    Line its = agent == null ? null : agent.line(line);
    Share shown = its == null ? null : its.share();
    if (share != null && (shown == null || shown.port() != share.port())) {
      port("  share", share.host(), share.port(), "share.listen");
    }
  }

  private void serial(String what, Line.Serial line) {
    // Where the agent has it, as it should, anybody else who does is one too many.
    long its = agent == null ? PortCheck.NOBODY : agent.pid();
    List<CheckFinding> seen = ports.of(line, agentHas(line) ? its : PortCheck.NOBODY);
    found.addAll(seen);
    if (seen.stream().noneMatch(each -> each.mark() == CheckFinding.Mark.BAD)) {
      String who = agentHas(line) ? ", the agent has it" : "";
      found.add(
          CheckFinding.good(
              what,
              "%s at %d baud, direction %s%s"
                  .formatted(line.port(), line.format().baud(), line.rs485(), who)));
    }
  }

  private void endpoint(String what, Line line, String host, int port) {
    String where = host + ":" + port;
    if (agentHas(line)) {
      found.add(CheckFinding.good(what, where + ", the agent has it"));
      return;
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
      found.add(CheckFinding.good(what, where + " takes connections"));
    } catch (IOException | IllegalArgumentException e) {
      found.add(
          CheckFinding.bad(
              what,
              where + " takes no connection: " + e.getMessage(),
              "is it switched on, in this network, Modbus TCP enabled, and the address right?"));
    }
  }

  /** UDP tells nothing by itself: the server is asked what it has. */
  private void coap(String what, Line.Coap line) throws InterruptedException {
    CoapVisit.Result told =
        new CoapVisit(line, FieldPorts.real(), new SystemTime(List.of("system"))).discover();
    String first = told.text().lines().findFirst().orElse("");
    found.add(
        told.answered()
            ? CheckFinding.good(what, line.uri() + " answers")
            : CheckFinding.warning(
                what,
                line.uri() + ": " + first.strip(),
                "some servers do not list what they have: lingtan read --config FILE DEVICE asks"
                    + " one resource"));
  }

  private void chip(String what, Line.Gpio line) {
    ChipLook chip = ChipLook.at(line);
    if (chip.problem() != null) {
      found.add(CheckFinding.bad(what, "gpio " + chip.where(), chip.problem()));
      return;
    }
    found.add(CheckFinding.good(what, chip.where()));
    for (ChipLook.Input input : chip.inputs()) {
      String name = "  " + input.device();
      if (!input.there()) {
        found.add(CheckFinding.bad(name, "the chip has no " + input.pin(), "take another offset"));
      } else if (input.user().isEmpty()) {
        found.add(CheckFinding.good(name, input.pin() + " is free"));
      } else if (agent != null && input.isOurs()) {
        found.add(CheckFinding.good(name, input.pin() + ", the agent has it"));
      } else {
        found.add(
            CheckFinding.bad(
                name, input.pin() + " is taken by " + input.user(), "free it or take another"));
      }
    }
  }

  private void listens(String what, String listen) {
    int colon = listen.lastIndexOf(':');
    String host = colon < 0 ? "0.0.0.0" : listen.substring(0, colon);
    int port = Integer.parseInt(listen.substring(colon + 1));
    if (agent != null && agent.listensAt(listen)) {
      found.add(CheckFinding.good(what, "UDP " + listen + ", the agent has it"));
      return;
    }
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(host.replaceAll("[\\[\\]]", ""), port))) {
      found.add(CheckFinding.good(what, "UDP " + socket.getLocalSocketAddress() + " is free"));
    } catch (SocketException e) {
      found.add(
          CheckFinding.bad(
              what,
              "UDP " + listen + " cannot be listened on: " + e.getMessage(),
              "another program has it, or the address is not of this machine"));
    }
  }

  private void clock(Time time) {
    Time.Wall wall = time.wall();
    Instant now = Instant.ofEpochMilli(wall.millisAt(time.now()));
    if (now.isBefore(PLAINLY_WRONG)) {
      found.add(
          CheckFinding.bad(
              "clock", now + " is plainly wrong", "set it, or let NTP: timedatectl status"));
    } else if (wall.trusted()) {
      found.add(CheckFinding.good("clock", now + ", vouched for by " + wall.source()));
    } else {
      found.add(
          CheckFinding.warning(
              "clock",
              now + ", which nothing in clock.trust " + site.clock().trust() + " vouches for",
              "records wait "
                  + site.clock().maxHold().toMinutes()
                  + " min for it; start systemd-timesyncd or chrony, or name what can be trusted"));
    }
  }

  private void room() {
    Path journal = site.journal().path().toAbsolutePath();
    Path folder = journal.getParent() == null ? journal : journal.getParent();
    if (!Files.isDirectory(folder)) {
      found.add(
          CheckFinding.bad(
              "journal", folder + " is no folder", "sudo mkdir -p it, and give it to the agent"));
      return;
    }
    try {
      Path trial = Files.createTempFile(folder, "lingtan-check", null);
      Files.delete(trial);
    } catch (IOException e) {
      found.add(
          CheckFinding.bad(
              "journal",
              folder + " cannot be written: " + e,
              "give it to the agent's user; is the file system mounted read-only, or full?"));
      return;
    }
    DiskRoom room = DiskRoom.at(folder);
    if (room == null) {
      found.add(CheckFinding.good("journal", folder + " can be written"));
      return;
    }
    String state =
        String.format(
            Locale.ROOT,
            "%s can be written, %,d MB free, %s",
            folder,
            room.freeBytes() / MEGABYTE,
            room.freeInodes() < 0 ? "inodes not counted" : room.freeInodes() + " inodes");
    long used = length(journal);
    long wanted = Math.max(0, site.journal().maxSize() - used);
    if (room.freeInodes() >= 0 && room.freeInodes() < FEW_INODES) {
      found.add(
          CheckFinding.bad("journal", state, "the file system can hold hardly one file more"));
    } else if (room.freeBytes() < wanted) {
      found.add(
          CheckFinding.warning(
              "journal",
              state,
              "journal.max_size may need %,d MB more: make room, or set it lower"
                  .formatted(wanted / MEGABYTE)));
    } else {
      found.add(CheckFinding.good("journal", state));
    }
  }

  static long length(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  private void page() {
    if (site.status().enabled()) {
      certificate(site.status().tls());
    }
    boolean its = agent != null && agent.site().status().port() == site.status().port();
    if (!site.status().enabled() || its) {
      return;
    }
    port("status page", site.status().host(), site.status().port(), "status.listen");
  }

  private void port(String what, String host, int port, String key) {
    String where = host + ":" + port;
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(host, port));
      found.add(CheckFinding.good(what, where + " is free"));
    } catch (BindException e) {
      found.add(
          CheckFinding.bad(
              what,
              where + " cannot be listened on: " + e.getMessage(),
              "another program has the port; set " + key + " to a free one"));
    } catch (IOException e) {
      found.add(CheckFinding.bad(what, where + ": " + e.getMessage(), "look at " + key));
    }
  }

  private void certificate(Site.@Nullable PageTls tls) {
    if (tls == null) {
      return;
    }
    try {
      Tls.check(tls.cert(), tls.key());
      found.add(CheckFinding.good("status page", "speaks HTTPS with " + tls.cert()));
    } catch (Tls.Unusable e) {
      found.add(
          CheckFinding.bad(
              "status page",
              String.valueOf(e.getMessage()),
              "put certificate and key there, or remove status.tls"));
    }
  }

  /**
   * A broker that goes by certificates lets a client into the topics of its certificate's name;
   * some refuse others only message by message, and grant the subscription.
   */
  private void name() {
    Path cert = site.mqtt().cert();
    if (cert == null || site.mqtt().user() != null) {
      return;
    }
    try {
      String name = Tls.commonName(cert);
      if (!name.equals(site.gateway())) {
        found.add(
            CheckFinding.bad(
                "broker",
                "the certificate %s is %s's, and this gateway is %s"
                    .formatted(cert, name.isEmpty() ? "nobody" : name, site.gateway()),
                "put this gateway's own certificate there, or set gateway: to the certificate's"
                    + " name"));
      }
    } catch (Tls.Unusable e) {
      // Said where it is used.
      return;
    }
  }

  private void broker() throws InterruptedException {
    if (!site.mqtt().isConfigured()) {
      found.add(
          CheckFinding.warning(
              "broker",
              "none is named: records stay on this machine",
              "mqtt: {servers: [mqtt://HOST]} in the site file names one"));
    }
    name();
    for (String server : site.mqtt().servers()) {
      for (BrokerCheck.Seen seen : BrokerCheck.of(site, server)) {
        found.add(
            new CheckFinding(
                "broker",
                seen.good() ? CheckFinding.Mark.GOOD : CheckFinding.Mark.BAD,
                seen.state(),
                seen.todo()));
      }
    }
  }
}
