package io.lingtan.simulator.device.site;

import io.lingtan.agent.site.Site;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A site file's text, with ports, broker and paths of the machine that it runs on put in. */
final class SiteText {

  private final Site site;
  private String text;

  SiteText(String text, Site site) {
    this.text = text;
    this.site = site;
  }

  /** Puts in the port of a line: a number, or the path of a serial port. */
  SiteText port(String line, String port) {
    Matcher begin = Pattern.compile("(?m)^ *- id: " + Pattern.quote(line) + " *$").matcher(text);
    if (!begin.find()) {
      throw new IllegalStateException("the site file has no line " + line + " of its own");
    }
    // A CoAP line has its port in its address.
    Matcher old = Pattern.compile("\\b(?:port: |coap://[^:/\"]+:)([^,}\\s\"]+)").matcher(text);
    if (!old.find(begin.end())) {
      throw new IllegalStateException("line " + line + " of the site file has no port");
    }
    text = text.substring(0, old.start(1)) + port + text.substring(old.end(1));
    return this;
  }

  SiteText broker(String broker) {
    return replace(site.mqtt().servers().getFirst(), broker);
  }

  SiteText journal(Path journal) {
    return replace("path: " + site.journal().path().getFileName(), "path: " + quoted(journal));
  }

  SiteText status(int port) {
    return replace("127.0.0.1:" + site.status().port(), "127.0.0.1:" + port);
  }

  /** Says that the meters are software. */
  SiteText simulated() {
    Matcher place = Pattern.compile("(?m)^site:(?: *\\{|(?= *\\R( +)))").matcher(text);
    if (site.place().simulated()) {
      return this;
    }
    if (!place.find()) {
      text += "\nsite: {simulated: true}\n";
      return this;
    }
    String indent = place.group(1);
    String more = indent == null ? "simulated: true, " : "\n" + indent + "simulated: true";
    text = text.substring(0, place.end()) + more + text.substring(place.end());
    return this;
  }

  private static String quoted(Path path) {
    return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private SiteText replace(String from, String to) {
    int at = text.indexOf(from);
    if (at < 0 || text.indexOf(from, at + 1) >= 0) {
      throw new IllegalStateException("the site file must have " + from + " exactly once");
    }
    text = text.substring(0, at) + to + text.substring(at + from.length());
    return this;
  }

  String text() {
    return text;
  }
}
