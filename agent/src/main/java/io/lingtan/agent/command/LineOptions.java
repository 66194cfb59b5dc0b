package io.lingtan.agent.command;

import io.lingtan.agent.acquire.hand.CoapVisit;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.desk.FieldJson;
import io.lingtan.agent.desk.FieldWork;
import io.lingtan.agent.desk.PortCheck;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import io.lingtan.agent.site.Settings;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Catalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Which line a command is about, and how it gets at it: for itself where nobody has it, through the
 * agent where one does.
 */
final class LineOptions {

  private static final int MODBUS_PORT = 502;
  private static final Logger LOG = Logger.getLogger("io.lingtan");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec mixee;

  @Option(names = "--port", paramLabel = "DEV", description = "Serial port, such as /dev/ttyUSB0.")
  private @Nullable String port;

  @Option(
      names = "--host",
      paramLabel = "IP",
      description = "Modbus TCP device or gateway; IP:PORT if it is not 502.")
  private @Nullable String host;

  @Option(names = "--rtu", description = "The host is a serial server that passes on RTU frames.")
  private boolean rtu;

  @Option(
      names = "--baud",
      paramLabel = "N",
      defaultValue = "9600",
      description = "Speed of the port (default ${DEFAULT-VALUE}).")
  private int baud;

  @Option(
      names = "--parity",
      paramLabel = "P",
      defaultValue = "none",
      description = "none, even or odd (default ${DEFAULT-VALUE}).")
  private Parity parity;

  @Option(
      names = "--stop-bits",
      paramLabel = "N",
      defaultValue = "1",
      description = "1 or 2 (default ${DEFAULT-VALUE}).")
  private int stopBits;

  @Option(
      names = "--rs485",
      paramLabel = "HOW",
      defaultValue = "auto",
      description = "Who turns the direction: auto, rts or rts-low (default ${DEFAULT-VALUE}).")
  private String rs485;

  @Option(names = "--echo", description = "The port hears what it sends.")
  private boolean echo;

  @Option(
      names = "--config",
      paramLabel = "site.yaml",
      description = "Take the line from a site file instead.")
  private @Nullable Path config;

  @Option(names = "--line", paramLabel = "ID", description = "Which one of the site file.")
  private @Nullable String lineId;

  @Option(
      names = "--profiles",
      paramLabel = "DIR",
      description = "Folder with profiles of your own.")
  private @Nullable Path profiles;

  @Option(
      names = "--timeout",
      paramLabel = "MS",
      description = "How long a device has to answer, 10 to 10000 ms.")
  private @Nullable Integer timeoutMillis;

  @Option(names = "--json", description = "What is told as lines of JSON, as the agent sends it.")
  private boolean json;

  boolean isJson() {
    return json;
  }

  @Nullable Integer timeoutMillis() {
    return timeoutMillis;
  }

  /** It was used wrongly; the message says how it is right. */
  static final class WrongUsage extends RuntimeException {
    private static final long serialVersionUID = 1;

    WrongUsage(String message) {
      super(message);
    }
  }

  /**
   * The line, with the site that it is of.
   *
   * @param site null where the line was given by its port
   */
  record Chosen(Line line, @Nullable Site site) {}

  /**
   * Which line is meant.
   *
   * @param device a device of the site file by which the line is found, or null
   * @return null if the site file has errors, which have been printed
   * @throws WrongUsage if that is not clear
   */
  @Nullable Chosen choose(@Nullable String device) {
    long ways = List.of(port != null, host != null, config != null).stream().filter(x -> x).count();
    if (ways != 1) {
      throw new WrongUsage("name one of --port DEV, --host IP and --config site.yaml");
    }
    if (config != null) {
      refuse(
          "beside --config: the site file says it",
          "--baud --parity --stop-bits --rs485 --echo --rtu --profiles");
    } else {
      refuse("without --config", "--line");
    }
    if (host != null) {
      refuse(
          "beside --host, which has no serial port", "--baud --parity --stop-bits --rs485 --echo");
    } else if (port != null) {
      refuse("beside --port, which passes on RTU frames anyway", "--rtu");
    }
    if (config == null) {
      return new Chosen(given(), null);
    }
    Site site = SiteFile.load(config, System.err);
    if (site == null) {
      return null;
    }
    return new Chosen(lineOf(site, device), site);
  }

  /** An option that would change nothing was meant to change something. */
  private void refuse(String where, String names) {
    for (String name : names.split(" ")) {
      if (mixee.commandLine().getParseResult().hasMatchedOption(name)) {
        throw new WrongUsage(name + " has no meaning " + where);
      }
    }
  }

  private Line given() {
    Duration timeout = Duration.ofSeconds(1);
    if (port != null) {
      return new Line.Serial(
          "line1",
          port,
          new CharacterFormat(baud, parity, stopBits),
          rs485,
          echo,
          timeout,
          List.of(),
          null);
    }
    Endpoint end = Endpoint.of(String.valueOf(host));
    return rtu
        ? new Line.ModbusRtuTcp(
            "line1", end.host(), end.port(), false, false, timeout, List.of(), null)
        : new Line.ModbusTcp(
            "line1", end.host(), end.port(), false, false, 1, false, timeout, List.of(), null);
  }

  /** {@code IP}, {@code IP:PORT}, {@code [IPv6]:PORT}. */
  private record Endpoint(String host, int port) {
    private static final Pattern FORM =
        Pattern.compile("(?<host>\\[[0-9A-Fa-f:.]+]|[^:\\[\\]]+)(:(?<port>[0-9]{1,5}))?");

    static Endpoint of(String text) {
      Matcher parts = FORM.matcher(text);
      if (!parts.matches()) {
        throw new WrongUsage("--host is IP or IP:PORT, was " + text);
      }
      String port = parts.group("port");
      int number = port == null ? MODBUS_PORT : Integer.parseInt(port);
      if (number < 1 || number > 65_535) {
        throw new WrongUsage("a port is 1 to 65535, was " + number);
      }
      return new Endpoint(parts.group("host").replaceAll("[\\[\\]]", ""), number);
    }
  }

  private Line lineOf(Site site, @Nullable String device) {
    List<Line> lines =
        site.lines().stream()
            .filter(
                line ->
                    lineId != null
                        ? line.id().equals(lineId)
                        : device == null
                            || line.devices().stream().anyMatch(d -> d.id().equals(device)))
            .toList();
    if (lines.size() != 1) {
      String ids = String.join(" ", site.lines().stream().map(Line::id).toList());
      throw new WrongUsage(
          device != null && lineId == null
              ? "no device is called " + device + "; lines: " + ids
              : lines.isEmpty()
                  ? "no line is called " + lineId + "; there are " + ids
                  : "name the line by --line: " + ids);
    }
    return lines.getFirst();
  }

  /**
   * Does it: through the agent that has the line, or here.
   *
   * @param path of the agent's HTTP
   * @param wanted fields for it; those of the line itself are added
   * @param here what to do on a line that is ours
   * @param processes where agents are looked for
   * @param out takes each line of JSON
   * @param told takes what a person should know beside it
   * @return exit code
   */
  int run(
      Chosen chosen,
      String path,
      Map<String, String> wanted,
      Function<FieldWork, FieldWork.Task> here,
      Time time,
      Path processes,
      Consumer<String> out,
      Consumer<String> told)
      throws InterruptedException {
    Line line = chosen.line();
    AgentHere neighbour = line.isPolled() ? neighbour(chosen, processes) : null;
    if (neighbour != null) {
      return ask(neighbour, chosen, path, wanted, out, told);
    }
    // It is asked all the same: a port opens for one only, and who has an address takes or refuses.
    for (AgentHere.Running unknown :
        line.isPolled() ? AgentHere.unknown(processes) : List.<AgentHere.Running>of()) {
      told.accept(
          "warning: process "
              + unknown.pid()
              + " is an agent, and its site file "
              + unknown.file()
              + " cannot be read now, or is not to be believed: if it has this line, both garble"
              + " each other's answers. Then stop it, or run this as its user");
    }
    if (line instanceof Line.Coap coap) {
      LOG.setLevel(Level.OFF);
      CoapVisit visit = new CoapVisit(coap, FieldPorts.real(), time);
      String device = wanted.get("device");
      CoapVisit.Result answer =
          device == null
              ? visit.discover()
              : visit.read(
                  coap.devices().stream()
                      .filter(each -> each.id().equals(device))
                      .findFirst()
                      .orElseThrow());
      out.accept(FieldJson.told(answer.answered(), answer.text()));
      return answer.answered() ? ExitCode.GOOD : ExitCode.FAILED;
    }
    if (!line.isPolled()) {
      told.accept(
          "line "
              + line.id()
              + " is not asked: its devices tell by themselves, or are counted. Their last values"
              + " are on the status page of the running agent");
      return ExitCode.FAILED;
    }
    if (line instanceof Line.Serial serial) {
      String user = PortCheck.here().user(serial);
      if (user != null) {
        told.accept(serial.port() + " is in use by " + user + ": stop it first");
        return ExitCode.FAILED;
      }
    }
    // What the line would log is what the answers say.
    LOG.setLevel(Level.OFF);
    try (OwnLine own = OwnLine.open(line, time)) {
      Catalogue<DeviceProfile> known = Catalogue.profiles(profilesOf(chosen));
      FieldWork work = new FieldWork(line, own.asking(), known, time);
      return here.apply(work).run(out) ? ExitCode.GOOD : ExitCode.FAILED;
    }
  }

  /** The agent that has this line at present; null if none is seen. */
  private static @Nullable AgentHere neighbour(Chosen chosen, Path processes) {
    for (AgentHere agent : AgentHere.in(processes)) {
      if (agent.line(chosen.line()) != null) {
        return agent;
      }
    }
    Site site = chosen.site();
    boolean runs =
        site != null && site.status().enabled() && AgentPage.of(site).isOf(site.gateway());
    return site != null && runs ? new AgentHere(0, site) : null;
  }

  private int ask(
      AgentHere agent,
      Chosen chosen,
      String path,
      Map<String, String> wanted,
      Consumer<String> out,
      Consumer<String> told)
      throws InterruptedException {
    Line line = chosen.line();
    Line its = agent.line(line);
    AgentPage page = AgentPage.of(agent.site());
    String who =
        "the agent of gateway "
            + agent.site().gateway()
            + (agent.pid() == 0 ? "" : " (process " + agent.pid() + ")");
    if (!agent.site().status().enabled()) {
      told.accept(
          who + " has this line, and its status page is off: stop it, or set status.enabled");
      return ExitCode.FAILED;
    }
    String settings = settings(chosen, path, wanted);
    if (settings != null) {
      wanted.put("settings", settings);
    }
    wanted.put("line", its == null ? line.id() : its.id());
    told.accept(who + " has this line: asking it between its polls, at " + page.root());
    boolean[] good = {false};
    try {
      page.post(
          path,
          wanted,
          line1 -> {
            good[0] = isGood(line1);
            out.accept(line1);
          });
      return good[0] ? ExitCode.GOOD : ExitCode.FAILED;
    } catch (AgentPage.Refused e) {
      told.accept("the agent says: " + e.getMessage());
      return ExitCode.FAILED;
    } catch (IOException | UncheckedIOException e) {
      told.accept(
          who
              + " has this line and does not answer at "
              + page.root()
              + " ("
              + e.getMessage()
              + "): look at it, or stop it first. Two masters on one line garble each other");
      return ExitCode.FAILED;
    }
  }

  private @Nullable Path profilesOf(Chosen chosen) {
    Site site = chosen.site();
    return site == null ? profiles : site.profiles();
  }

  /**
   * What the answer has to be of: an agent reads by its own site file and profiles, which may be
   * others than those that were named here.
   *
   * @return null where nothing is decoded, or by built-in profiles alone
   */
  private @Nullable String settings(Chosen chosen, String path, Map<String, String> wanted) {
    Path own = profilesOf(chosen);
    Catalogue<DeviceProfile> known = Catalogue.profiles(own);
    if (path.equals("/api/scan")) {
      return own == null ? null : Settings.hash(FieldWork.all(known).values());
    }
    String profile = wanted.get("profile");
    if (profile != null) {
      return Settings.hash(FieldWork.profile(chosen.line(), known, profile));
    }
    String device = wanted.get("device");
    return chosen.line().devices().stream()
        .filter(each -> each.id().equals(device))
        .findFirst()
        .map(Settings::hash)
        .orElse(null);
  }

  /** Whether the last line of an answer tells that it went well. */
  private static boolean isGood(String line) {
    String kind = "";
    boolean answered = false;
    boolean problem = false;
    for (Map.Entry<String, String> member : FieldJson.members(line)) {
      switch (member.getKey()) {
        case "kind" -> kind = member.getValue();
        case "answered" -> answered = member.getValue().equals("true");
        case "problem" -> problem = true;
        default -> {}
      }
    }
    return kind.equals("done") ? !problem : answered;
  }
}
