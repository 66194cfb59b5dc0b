package io.lingtan.agent.site.share;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Yaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code share} of the lines of a site file, and sees that no two want the same port. */
public final class ShareReader {

  private static final Pattern LISTEN =
      Pattern.compile("([A-Za-z0-9_.-]{1,253}|\\[[0-9A-Fa-f:.]+]):([0-9]{1,5})");
  private static final Set<String> MODBUS = Set.of("serial", "modbus-tcp", "modbus-rtu-tcp");
  private static final List<Network> LOOPBACK =
      List.of(new Network("7f000000", 8), new Network("0".repeat(31) + "1", 128));
  private static final int MOST_NETWORKS = 64;

  private final Problems problems;
  private final Map<Share, Yaml> shares = new LinkedHashMap<>();

  public ShareReader(Problems problems) {
    this.problems = problems;
  }

  /**
   * What a line says of it; null if the line is lent to nobody.
   *
   * @param id of the line
   * @param kind {@code serial modbus-tcp modbus-rtu-tcp coap coap-server gpio}
   */
  public @Nullable Share read(Fields line, String id, String kind) {
    if (!line.isWritten("share")) {
      return null;
    }
    if (!MODBUS.contains(kind)) {
      problems.error(
          line.at("share"),
          new Sentence(
              "share lends registers: line "
                  + id
                  + " is "
                  + kind
                  + " and has none; only serial, modbus-tcp and modbus-rtu-tcp have",
              "share 转发的是 Modbus 寄存器：线路 " + id + " 是 " + kind + "，没有寄存器"));
      return null;
    }
    Fields fields = line.group("share", Section.SHARE);
    int before = problems.errors();
    fields.require("listen", "where other masters connect, such as 0.0.0.0:1502");
    Matcher parts = LISTEN.matcher(fields.text("listen", "127.0.0.1:1502"));
    int port = parts.matches() ? Integer.parseInt(parts.group(2)) : 0;
    if (port < 1 || port > 65_535) {
      problems.error(
          fields.valueAt("listen"),
          new Sentence(
              "listen is ADDRESS:PORT such as 0.0.0.0:1502, not '" + fields.text("listen") + "'",
              "listen 写成 地址:端口，如 0.0.0.0:1502，不能是 " + fields.text("listen")));
    }
    String host = parts.matches() ? parts.group(1).replaceAll("[\\[\\]]", "") : "127.0.0.1";
    List<Network> allow = allow(fields, Share.isLoopback(host));
    if (problems.errors() > before) {
      return null;
    }
    Share share = new Share(host, port, allow);
    shares.forEach((other, at) -> refuseTaken(fields, share, other, at));
    shares.put(share, fields.valueAt("listen"));
    return share;
  }

  private List<Network> allow(Fields fields, boolean loopback) {
    if (!fields.isWritten("allow")) {
      if (!loopback) {
        problems.error(
            fields.at(),
            new Sentence(
                "share needs allow: the addresses that may read, such as [192.168.1.0/24]; only a"
                    + " loopback address may go without",
                "share 缺少 allow：写明谁可以读，如 [192.168.1.0/24]；只有本机回环地址可以不写"));
      }
      return LOOPBACK;
    }
    List<Yaml.Text> words = fields.words("allow");
    if (words.isEmpty() || words.size() > MOST_NETWORKS) {
      problems.error(
          fields.at("allow"),
          new Sentence(
              "allow lists 1 to "
                  + MOST_NETWORKS
                  + " addresses that may read, such as [192.168.1.0/24]; without share nobody may",
              "allow 写 1 到 " + MOST_NETWORKS + " 个允许读的地址，如 [192.168.1.0/24]；不共享就删掉 share"));
    }
    List<Network> allow = new ArrayList<>();
    for (Yaml.Text word : words) {
      Network network = Network.of(word.text());
      if (network == null) {
        problems.error(
            word,
            new Sentence(
                "'"
                    + word.text()
                    + "' is no range of addresses such as 192.168.1.0/24, 192.168.1.7 or"
                    + " \"fd00::/8\"",
                word.text() + " 不是地址范围（如 192.168.1.0/24、192.168.1.7、\"fd00::/8\"）"));
      } else if (!network.equals(network.masked())) {
        problems.error(
            word,
            new Sentence(
                "'" + word.text() + "' has bits behind its range: write " + network.masked(),
                word.text() + " 的主机位不为零：应写成 " + network.masked()));
      } else {
        if (network.bits() == 0) {
          problems.warning(
              word, "everybody who reaches the port may read: name the networks that are meant");
        }
        allow.add(network);
      }
    }
    return allow;
  }

  private void refuseTaken(Fields fields, Share share, Share other, Yaml at) {
    if (share.collides(other.host(), other.port())) {
      problems.error(
          fields.valueAt("listen"),
          new Sentence(
              "%s is taken by the share in line %d of the file: take another port"
                  .formatted(share.where(), at.line()),
              "%s 已被第 %d 行的 share 占用：换一个端口".formatted(share.where(), at.line())));
    }
  }

  /** Sees that the status page can have its port. */
  public void page(String host, int port) {
    shares.forEach(
        (share, at) -> {
          if (share.collides(host, port)) {
            problems.error(
                at,
                new Sentence(
                    share.where() + " is the status page's (status.listen): take another port",
                    share.where() + " 是状态页的端口（status.listen）：换一个端口"));
          }
        });
  }
}
