package io.lingtan.agent.acquire.mbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.acquire.plan.RecordValue;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.agent.site.reply.InReply.RecordKey;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What each M-Bus profile makes of a published frame, all of its points. */
final class MbusProfilesTest {

  private static final Path FOLDER = Path.of("src/test/resources/mbus");

  private static Map<String, byte[]> frames() throws IOException {
    Map<String, byte[]> frames = new HashMap<>();
    for (String line : Files.readAllLines(FOLDER.resolve("libmbus.txt"))) {
      String[] words = line.split(" ");
      if (words[0].equals("frame")) {
        frames.put(words[1], HexFormat.of().parseHex(words[2]));
      }
    }
    return frames;
  }

  private static DeviceProfile profile(String name) {
    return Objects.requireNonNull(Catalogue.profiles(null).load(name).value(), name);
  }

  @Test
  void everyPointReadsWhatThePublishedFrameSays() throws IOException {
    Map<String, byte[]> frames = frames();
    Set<String> tested = new TreeSet<>();
    for (String line : Files.readAllLines(FOLDER.resolve("profiles.txt"))) {
      if (line.startsWith("#")) {
        continue;
      }
      List<String> words = List.of(line.split(" "));
      DeviceProfile profile = profile(words.getFirst());
      tested.add(profile.name());
      Map<String, BigDecimal> expected = new TreeMap<>();
      for (String word : words.subList(2, words.size())) {
        String[] parts = word.split("=");
        expected.put(parts[0], new BigDecimal(parts[1]).stripTrailingZeros());
      }
      byte[] frame = Objects.requireNonNull(frames.get(words.get(1)), line);
      assertEquals(expected, read(profile, Telegrams.of(frame)), line);
    }
    Set<String> all = new TreeSet<>();
    for (String name : Catalogue.profiles(null).names()) {
      if (profile(name).protocol() == DeviceProfile.Protocol.MBUS) {
        all.add(name);
      }
    }
    assertEquals(all, tested);
  }

  private static Map<String, BigDecimal> read(DeviceProfile profile, Telegrams told) {
    Map<String, BigDecimal> read = new TreeMap<>();
    for (RegisterPoint source : profile.allPoints()) {
      Point point = Objects.requireNonNull(source.point());
      RecordKey key = (RecordKey) Objects.requireNonNull(source.place());
      RecordValue value = new RecordValue(source, key, point, BigDecimal.ONE);
      Values.Builder values = new Values.Builder();
      assertNull(value.decode(told, values), () -> profile.name() + " " + value.chain(told));
      long micros = values.build().micros(point);
      BigDecimal held =
          point.isOwn() && !point.isNumber()
              ? BigDecimal.valueOf(micros)
              : new BigDecimal(point.text(micros));
      read.put(point.name(), held.stripTrailingZeros());
    }
    return read;
  }
}
