package io.lingtan.simulator.campaign;

import java.io.IOException;
import java.util.List;

/**
 * A network namespace for the gateway, with two cables out of it: one to the meters and one to the
 * broker, so that the second can be cut or slow while the first is not.
 */
@SuppressWarnings("try") // whoever waits for it may be interrupted
final class SiteNetwork implements AutoCloseable {

  private final String name;
  private final int number;

  private SiteNetwork(int number) {
    this.number = number;
    this.name = "lingtan-" + ProcessHandle.current().pid() + "-" + number;
  }

  /**
   * @param number 1..250, another one for each that there is at the same time
   */
  static SiteNetwork make(int number) throws IOException, InterruptedException {
    SiteNetwork network = new SiteNetwork(number);
    Shell.run("ip", "netns", "add", network.name);
    network.cable("f", network.field(), network.fieldInside());
    network.cable("u", network.uplink(), network.uplinkInside());
    network.inside("ip", "link", "set", "lo", "up");
    return network;
  }

  private void cable(String kind, String here, String there)
      throws IOException, InterruptedException {
    String outer = outer(kind);
    Shell.attempt("ip", "link", "del", outer);
    Shell.run(
        "ip", "link", "add", outer, "type", "veth", "peer", "name", "x" + kind, "netns", name);
    Shell.run("ip", "addr", "add", here + "/30", "dev", outer);
    Shell.run("ip", "link", "set", outer, "up");
    inside("ip", "addr", "add", there + "/30", "dev", "x" + kind);
    inside("ip", "link", "set", "x" + kind, "up");
  }

  private String outer(String kind) {
    return "lt" + kind + number;
  }

  /** Where the meters listen. */
  String field() {
    return "10.77." + number + ".1";
  }

  /** Where the gateway's page is. */
  String fieldInside() {
    return "10.77." + number + ".2";
  }

  /** Where the broker is for the gateway. */
  String uplink() {
    return "10.77." + number + ".5";
  }

  private String uplinkInside() {
    return "10.77." + number + ".6";
  }

  /** What begins a command that runs in it. */
  List<String> prefix() {
    return List.of("ip", "netns", "exec", name);
  }

  private void inside(String... command) throws IOException, InterruptedException {
    List<String> whole = new java.util.ArrayList<>(prefix());
    whole.addAll(List.of(command));
    Shell.run(whole.toArray(String[]::new));
  }

  /** Packets to and from the broker vanish. */
  void cut() throws IOException, InterruptedException {
    inside(
        "nft",
        "add table inet cut; add chain inet cut out { type filter hook output priority 0; };"
            + " add chain inet cut in { type filter hook input priority 0; };"
            + " add rule inet cut out oifname xu drop; add rule inet cut in iifname xu drop");
  }

  void mend() throws IOException, InterruptedException {
    inside("nft", "delete table inet cut");
  }

  /** So many kbit/s towards the broker. */
  void slow(int kbit) throws IOException, InterruptedException {
    inside(
        "tc",
        "qdisc",
        "add",
        "dev",
        "xu",
        "root",
        "tbf",
        "rate",
        kbit + "kbit",
        "burst",
        "4kb",
        "latency",
        "800ms");
  }

  void fast() throws IOException, InterruptedException {
    inside("tc", "qdisc", "del", "dev", "xu", "root");
  }

  @Override
  public void close() throws IOException, InterruptedException {
    Shell.attempt("ip", "link", "del", outer("f"));
    Shell.attempt("ip", "link", "del", outer("u"));
    Shell.attempt("ip", "netns", "del", name);
  }
}
