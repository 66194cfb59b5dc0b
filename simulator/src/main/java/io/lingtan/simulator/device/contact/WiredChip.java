package io.lingtan.simulator.device.contact;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is wired to the inputs of one GPIO line of the site file.
 *
 * @param line id of the line
 * @param contacts by the offset of the input
 */
public record WiredChip(String line, SortedMap<Integer, Contact> contacts) {

  public WiredChip {
    contacts = Collections.unmodifiableSortedMap(new TreeMap<>(contacts));
  }
}
