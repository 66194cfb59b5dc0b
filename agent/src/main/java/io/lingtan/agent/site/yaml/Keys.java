package io.lingtan.agent.site.yaml;

import java.util.List;

/** The keys that a group of keys in a YAML file may have. */
public interface Keys {

  /** What the group is called in messages. */
  String title();

  /** In the order in which messages list them. */
  List<String> keys();
}
