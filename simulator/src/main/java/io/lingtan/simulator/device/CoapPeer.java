package io.lingtan.simulator.device;

import java.util.List;

/**
 * The nodes of one CoAP line of the site file.
 *
 * @param line id of the line
 * @param pushing whether they push to a server of the agent's; else they are asked
 */
public record CoapPeer(String line, boolean pushing, List<CoapNode> nodes) {

  public CoapPeer {
    nodes = List.copyOf(nodes);
  }
}
