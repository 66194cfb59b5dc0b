package io.lingtan.agent.publish.sparkplug;

/** The topics of one edge node (Sparkplug 3.0, section 4.1). */
final class SparkplugTopics {

  static final String BDSEQ = "bdSeq";
  static final String REBIRTH = "Node Control/Rebirth";

  private static final String ROOT = "spBv1.0/";

  private final String group;
  private final String node;

  /**
   * @param group Sparkplug's group id
   * @param node the edge node: the gateway
   */
  SparkplugTopics(String group, String node) {
    this.group = group;
    this.node = node;
  }

  private String of(String type) {
    return ROOT + group + "/" + type + "/" + node;
  }

  String nodeBirth() {
    return of("NBIRTH");
  }

  String nodeValues() {
    return of("NDATA");
  }

  /** Commands to any device. */
  String deviceCommands() {
    return deviceCommand("+");
  }

  String deviceCommand(String device) {
    return of("DCMD") + "/" + device;
  }

  String nodeDeath() {
    return of("NDEATH");
  }

  String nodeCommand() {
    return of("NCMD");
  }

  String deviceBirth(String device) {
    return of("DBIRTH") + "/" + device;
  }

  String deviceValues(String device) {
    return of("DDATA") + "/" + device;
  }

  String deviceDeath(String device) {
    return of("DDEATH") + "/" + device;
  }

  /** Where a host tells whether it is there. */
  static String state(String host) {
    return ROOT + "STATE/" + host;
  }

  /**
   * The client id of a view: none that a gateway can have, since those are without a dot, so that
   * no view throws out a gateway.
   */
  static String clientId(String node) {
    return node + ".sparkplug";
  }
}
