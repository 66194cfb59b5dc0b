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
    add(changed, "mqtt.tls.est", from.mqtt().est(), to.mqtt().est());
    add(changed, "mqtt.password_file", from.mqtt().passwordFile(), to.mqtt().passwordFile());
    if (!linkKeys(from).containsAll(linkKeys(to))) {
      changed.add("tls or password_file of a view");
    }
    if (isPasswordShown(from, to)) {
      changed.add("servers, where the password would go in clear: mqtts:// is needed");
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

  /** Lines come and go, but no other file becomes a key, nor a key of another kind. */
  private static Set<List<@Nullable Object>> lineKeys(Site site) {
    Set<List<@Nullable Object>> keys = new HashSet<>();
    for (Line line : site.lines()) {
      if (line instanceof Line.Coap coap) {
        keys.add(Arrays.asList("key_file", file(coap.keyFile())));
      } else if (line instanceof Line.CoapServer server) {
        keys.add(Arrays.asList("keys", file(server.keys())));
      }
    }
    keys.add(Arrays.asList("key_file", null));
    keys.add(Arrays.asList("keys", null));
    return keys;
  }

  private static @Nullable Path file(Line.@Nullable KeyFile keys) {
    return keys == null ? null : keys.file();
  }

  /** What is sent as a password is one before, and what is shown as a certificate one of these. */
  private static Set<List<@Nullable Object>> linkKeys(Site site) {
    Set<List<@Nullable Object>> keys = new HashSet<>();
    for (Site.Link link : links(site)) {
      keys.add(Arrays.asList("ca", link.ca()));
      keys.add(Arrays.asList("cert", link.cert(), link.key()));
      keys.add(Arrays.asList("password", link.passwordFile()));
    }
    keys.add(Arrays.asList("ca", null));
    keys.add(Arrays.asList("cert", null, null));
    keys.add(Arrays.asList("password", null));
    return keys;
  }

  /** Whether a password would go in clear to a server that it does not go to in clear now. */
  private static boolean isPasswordShown(Site from, Site to) {
    Set<String> before = new HashSet<>();
    links(from).forEach(link -> before.addAll(link.servers()));
    return links(to).stream()
        .filter(link -> link.passwordFile() != null)
        .flatMap(link -> link.servers().stream())
        .anyMatch(server -> !server.startsWith("mqtts:") && !before.contains(server));
  }

  private static List<Site.Link> links(Site site) {
    Site.Mqtt mqtt = site.mqtt();
    List<Site.Link> links = new ArrayList<>();
    links.add(
        new Site.Link(
            mqtt.servers(), mqtt.ca(), mqtt.cert(), mqtt.key(), mqtt.user(), mqtt.passwordFile()));
    for (Site.View view : mqtt.views()) {
      if (view instanceof Site.View.Sparkplug sparkplug) {
        links.add(sparkplug.link());
      }
    }
    return links;
  }
}
