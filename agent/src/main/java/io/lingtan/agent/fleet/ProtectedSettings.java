package io.lingtan.agent.fleet;

import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What nobody changes from afar: who the gateway is, where its records and keys lie, and whom it
 * obeys. Whoever has the fleet's key could otherwise take a gateway away from its site for good, or
 * have it hand out what lies on its card.
 */
final class ProtectedSettings {

  private ProtectedSettings() {}

  /** The keys of the site file that are others in {@code to}, in the order of the file. */
  static List<String> changed(Site from, Site to) {
    List<String> changed = new ArrayList<>();
    add(changed, "gateway", from.gateway(), to.gateway());
    if (!lineKeys(from).containsAll(lineKeys(to))) {
      changed.add("key_file or keys of a line");
    }
    add(changed, "mqtt.tls", tls(from), tls(to));
    add(changed, "mqtt.password_file", from.mqtt().passwordFile(), to.mqtt().passwordFile());
    if (!viewKeys(from).containsAll(viewKeys(to))) {
      changed.add("tls or password_file of a view");
    }
    add(changed, "journal", from.journal(), to.journal());
    add(changed, "status.pin_file", from.status().pinFile(), to.status().pinFile());
    add(changed, "status.tls", from.status().tls(), to.status().tls());
    add(changed, "fleet", from.fleet(), to.fleet());
    return changed;
  }

  private static void add(List<String> to, String key, @Nullable Object one, @Nullable Object two) {
    if (!Objects.equals(one, two)) {
      to.add(key);
    }
  }

  private static List<@Nullable Path> tls(Site site) {
    return Arrays.asList(site.mqtt().ca(), site.mqtt().cert(), site.mqtt().key());
  }

  /** Lines come and go, but no other file becomes a key. */
  private static Set<@Nullable Path> lineKeys(Site site) {
    Set<@Nullable Path> keys = new HashSet<>();
    keys.add(null);
    for (Line line : site.lines()) {
      if (line instanceof Line.Coap coap) {
        keys.add(coap.keyFile());
      } else if (line instanceof Line.CoapServer server) {
        keys.add(server.keys());
      }
    }
    return keys;
  }

  private static Set<@Nullable Path> viewKeys(Site site) {
    Set<@Nullable Path> keys = new HashSet<>(tls(site));
    keys.add(null);
    keys.add(site.mqtt().passwordFile());
    for (Site.View view : site.mqtt().views()) {
      if (view instanceof Site.View.Sparkplug sparkplug) {
        Site.Link link = sparkplug.link();
        keys.addAll(Arrays.asList(link.ca(), link.cert(), link.key(), link.passwordFile()));
      }
    }
    return keys;
  }
}
