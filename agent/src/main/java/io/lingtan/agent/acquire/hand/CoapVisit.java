package io.lingtan.agent.acquire.hand;

import io.lingtan.agent.acquire.coap.CoapPort;
import io.lingtan.agent.acquire.coap.CoapSignal;
import io.lingtan.agent.acquire.coap.CoapStep;
import io.lingtan.agent.acquire.coap.Decoded;
import io.lingtan.agent.acquire.coap.PayloadDecoder;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks a CoAP server by hand: one of its resources, or which ones it has ({@code
 * /.well-known/core}, RFC 6690). A server has room for several clients, so that an agent that runs
 * is not disturbed. Waits in whatever thread it is called.
 */
public final class CoapVisit {

  private static final String DISCOVERY = "/.well-known/core";
  private static final int LONGEST_SHOWN = 400;
  private static final int MOST_RESOURCES = 200;
  private static final Pattern LINK = Pattern.compile("<(?<path>/[^>]*)>(?<attributes>[^,]*)");
  private static final Pattern FORMATS = Pattern.compile(";ct=\"?(?<formats>[0-9 ]+)");

  private final Line.Coap line;
  private final CoapPort port;
  private final Time time;

  /**
   * @param ports makes the way to the server
   */
  public CoapVisit(Line.Coap line, FieldPorts ports, Time time) {
    this.line = line;
    this.port = ports.coap(line);
    this.time = time;
  }

  /**
   * The result of a visit.
   *
   * @param answered whether there was something to be had
   * @param text for a person
   */
  public record Result(boolean answered, String text) {}

  /** Reads one device. Ends the way to the server. */
  public Result read(Device device) throws InterruptedException {
    CoapResource resource = device.coap();
    if (resource == null) {
      throw new IllegalArgumentException("device " + device.id() + " is on no CoAP line");
    }
    StringBuilder text = new StringBuilder();
    text.append(
        "%s (%s) on line %s, %s%s%n%n"
            .formatted(
                device.id(), device.profile().name(), line.id(), port.where(), resource.path()));
    CoapSignal answer = get(resource.path(), CoapStep.accept(resource));
    boolean good = false;
    switch (answer) {
      case CoapSignal.Answered found -> {
        text.append(shown(found));
        if (found.code() / 100 == 2) {
          Decoded decoded =
              new PayloadDecoder(device)
                  .decode(found.payload(), found.contentFormat(), time.now().nanos(), time.wall());
          good = append(text, decoded);
        }
      }
      case CoapSignal.Failed(var id, var reason, var words) -> text.append(words).append('\n');
      case null -> text.append(silence());
    }
    return new Result(good, text.toString());
  }

  private static boolean append(StringBuilder text, Decoded decoded) {
    return switch (decoded) {
      case Decoded.Content content -> append(text, content);
      case Decoded.Refused(var reason, var what) -> {
        text.append("%nno value: %s, %s%n".formatted(reason, what));
        yield false;
      }
    };
  }

  private static boolean append(StringBuilder text, Decoded.Content content) {
    Values values = content.values();
    text.append("%npoints%n".formatted());
    for (int i = 0; i < values.size(); i++) {
      text.append(
          "  %-24s %s %s  good%n"
              .formatted(
                  values.point(i),
                  values.point(i).text(values.micros(i)),
                  values.point(i).symbol()));
    }
    if (values.state() != null) {
      text.append("  %-24s %s  good%n".formatted("state", values.state()));
    }
    content
        .bad()
        .forEach((point, why) -> text.append("  %-24s no value: %s%n".formatted(point, why)));
    return !values.isEmpty();
  }

  /**
   * Which resources the server has, with the YAML for those that may be readings. Ends the way to
   * the server.
   */
  public Result discover() throws InterruptedException {
    return switch (get(DISCOVERY, PayloadDecoder.UNKNOWN_FORMAT)) {
      case CoapSignal.Answered found when found.code() / 100 == 2 -> resources(found);
      case CoapSignal.Answered refusal -> new Result(false, shown(refusal));
      case CoapSignal.Failed(var id, var reason, var words) -> new Result(false, words + "\n");
      case null -> new Result(false, silence());
    };
  }

  private Result resources(CoapSignal.Answered found) {
    List<String> lines = new ArrayList<>();
    StringBuilder yaml = new StringBuilder();
    boolean any = false;
    Matcher link = LINK.matcher(new String(found.payload(), StandardCharsets.UTF_8));
    while (link.find() && lines.size() < MOST_RESOURCES) {
      String path = link.group("path");
      String attributes = link.group("attributes");
      lines.add(path + attributes.replace(';', ' '));
      if (!path.startsWith("/.well-known")) {
        String device = device(path, attributes);
        any |= !device.contains("# ");
        yaml.append(device);
      }
    }
    return new Result(
        !lines.isEmpty(),
        "%s has%n  %s%n%nlines:%n  - id: %s%n    coap: {uri: \"%s\"}%n    devices:%s%n%s"
            .formatted(
                port.where(),
                String.join("\n  ", lines),
                line.id(),
                line.uri(),
                any ? "" : " []",
                yaml));
  }

  /** SenML by its content format is offered, anything else as a comment. */
  private static String device(String path, String attributes) {
    Matcher formats = FORMATS.matcher(attributes);
    boolean senml = formats.find() && formats.group("formats").matches("(.* )?(110|112)( .*)?");
    String id = path.replaceAll("[^A-Za-z0-9_-]+", "-").replaceAll("^-|-$", "");
    String observe = attributes.contains(";obs") ? ", observe: true" : "";
    return "      %s- {id: %s, profile: senml, path: \"%s\"%s, every: 10s}%n"
        .formatted(senml ? "" : "# ", id.isEmpty() ? "device" : id, path, observe);
  }

  private @Nullable CoapSignal get(String path, int accept) throws InterruptedException {
    Semaphore told = new Semaphore(0);
    port.signals().onOffer(told::release);
    try {
      port.get(1, new CoapPort.Get(path, accept, false));
      // A handshake may come first, and what is lost is sent again.
      long patience = Math.max(5_000, 5 * line.timeout().toMillis());
      return told.tryAcquire(patience, TimeUnit.MILLISECONDS) ? port.signals().poll() : null;
    } finally {
      port.cancel(1);
      port.close();
    }
  }

  private String silence() {
    return port.where()
        + " does not answer: is it switched on, in this network, and are address, port and key"
        + " right?\n";
  }

  /** Its lines are shown as lines, below the first; what is no text as bytes. */
  static String shown(CoapSignal.Answered answer) {
    byte[] payload = answer.payload();
    String text = new String(payload, StandardCharsets.UTF_8);
    boolean printable = text.lines().allMatch(ForeignText::isPlain);
    String whole =
        printable
            ? text.lines().collect(Collectors.joining("\n  "))
            : HexFormat.ofDelimiter(" ").formatHex(payload);
    return "  %d.%02d, %d bytes%s%n  %s%n"
        .formatted(
            answer.code() / 100,
            answer.code() % 100,
            payload.length,
            answer.contentFormat() < 0 ? "" : ", content format " + answer.contentFormat(),
            whole.length() > LONGEST_SHOWN ? whole.substring(0, LONGEST_SHOWN) + " ..." : whole);
  }
}
