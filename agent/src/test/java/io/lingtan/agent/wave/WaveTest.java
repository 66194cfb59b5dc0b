package io.lingtan.agent.wave;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.wave.Heard.Health;
import io.lingtan.agent.wave.Wave.Member;
import io.lingtan.agent.wave.Wave.Stage;
import io.lingtan.testing.HostileText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who comes when, and who does worse than before. */
final class WaveTest {

  @TempDir private Path folder;

  private static Wave dealt(int gateways, Map<String, String> likeness) {
    Wave wave = new Wave("config", List.of(1.0, 10.0, 100.0), 7, 1_790_000_000_000L);
    Map<String, Member> members = new TreeMap<>();
    for (int i = 0; i < gateways; i++) {
      members.put("gw" + i, new Member("gw" + i, 7, "0".repeat(64), 0));
    }
    wave.deal(likeness, members);
    return wave;
  }

  private static Map<String, String> alike(int gateways) {
    return IntStream.range(0, gateways)
        .boxed()
        .collect(Collectors.toMap(i -> "gw" + i, i -> "same"));
  }

  private static List<Integer> sizes(Wave wave) {
    return IntStream.range(0, wave.waves())
        .mapToObj(i -> wave.members(i, Stage.WAITING).size())
        .toList();
  }

  @Test
  void oneInAHundredThenOneInTenThenAll() {
    assertEquals(List.of(10, 90, 900), sizes(dealt(1_000, alike(1_000))));
    assertEquals(List.of(1, 1, 18), sizes(dealt(20, alike(20))));
    assertEquals(List.of(1, 0, 0), sizes(dealt(1, alike(1))));
  }

  /** However few there are, each kind is tried in the first wave: but not more than a tenth. */
  @Test
  void theFirstWaveHasOneOfEachLikeness() {
    Map<String, String> likeness = alike(1_000);
    IntStream.range(0, 30).forEach(i -> likeness.put("gw" + 7 * i, "rare" + i));
    Wave wave = dealt(1_000, likeness);
    assertEquals(
        31,
        wave.members(0, Stage.WAITING).stream()
            .map(member -> likeness.get(member.gateway()))
            .distinct()
            .count());
    assertEquals(List.of(31, 69, 900), sizes(wave));
    likeness.replaceAll((name, like) -> name);
    assertEquals(List.of(100, 0, 900), sizes(dealt(1_000, likeness)), "each is another");
  }

  @Test
  void whoIsAwayComesLast() {
    Map<String, String> likeness = alike(1_000);
    likeness.keySet().removeIf(name -> name.endsWith("1"));
    Wave wave = dealt(1_000, likeness);
    assertTrue(
        wave.members().stream()
            .allMatch(member -> member.wave() == 2 || !member.gateway().endsWith("1")));
    assertEquals(List.of(10, 90, 900), sizes(wave));
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    Wave wave = dealt(20, alike(20));
    Path file = folder.resolve("wave.json");
    Member first = wave.members(0, Stage.WAITING).getFirst();
    first.sending(new Health(1, 2, 3, 4, 5), true);
    first.to(Stage.FAILED, "put_back: \"no\"");
    wave.next();
    wave.stop("1 failed");
    wave.save(file);
    Wave read = Wave.read(file);
    assertNotNull(read);
    assertEquals(wave.json(), read.json());
    read.resume(0);
    assertEquals("1 failed", read.stopped());
    read.resume(1);
    assertNull(read.stopped());
    read.stop("1 failed");
    read.save(folder.resolve("again.json"));
    assertEquals(Files.readString(file), Files.readString(folder.resolve("again.json")));
    Files.writeString(file, "{\"kind\":\"config\"}");
    IOException none = assertThrows(IOException.class, () -> Wave.read(file));
    assertTrue(String.valueOf(none.getMessage()).contains("move it away"));
  }

  private static String worse(Health before, Health now, Health after) {
    Member member = new Member("gw", 7, "", 0);
    member.sending(before, true);
    String why = member.worse(now, after);
    return why == null ? "" : why;
  }

  @Test
  void aWaveWithoutAnybodyIsNotWaitedFor() {
    Wave wave = dealt(1, alike(1));
    wave.next();
    assertTrue(wave.isDone());
  }

  @Test
  void holesSilenceAndARiseOfBadSamplesAreWorse() {
    Health before = new Health(3, 60, 6, 12, 60_000);
    assertEquals("", worse(before, before, new Health(0, 60, 6, 12, 60_000)), "as before");
    assertEquals("", worse(before, before, new Health(0, 60, 8, 14, 60_000)), "hardly more");
    assertEquals("", worse(before, before, new Health(0, 20, 0, 0, 60_000)), "fewer of them");
    assertEquals("", worse(before, before, new Health(0, 0, 0, 0, 4_000)), "too early to tell");
    assertTrue(worse(before, new Health(4, 0, 0, 0, 0), before).contains("1 records as gone"));
    assertTrue(worse(before, before, new Health(0, 0, 0, 0, 60_000)).contains("about 60 were due"));
    assertEquals(
        "20 % of its polls fail, 10 % did before",
        worse(before, before, new Health(0, 60, 12, 0, 60_000)));
    assertEquals(
        "40 % of its samples are bad, 20 % were before",
        worse(before, before, new Health(0, 60, 0, 24, 60_000)));
    Health unknown = new Health(0, 0, 0, 0, 60_000);
    assertEquals("", worse(unknown, unknown, new Health(0, 60, 60, 0, 60_000)), "never heard");
  }

  @Test
  void nobodyButTheGatewaySpeaksForIt() throws JsonValue.NotJson {
    SigningKey own = SigningKey.make(Randomness.seeded(1));
    String x = own.open().x();
    Heard heard = new Heard();
    hear(heard, "meta", "{\"software\":{\"version\":\"1\"},\"key\":" + own.open().jwk() + "}");
    assertEquals(x, heard.key());
    String said = "{\"config\":{\"serial\":7,\"state\":\"applied\"}}";
    hear(heard, "reported", said);
    assertEquals(0, heard.fate("config", x).serial(), "unsigned");
    assertEquals(7, heard.fate("config", null).serial(), "it never signed anything");
    hear(heard, "reported", signed(said, SigningKey.make(Randomness.seeded(2))));
    assertEquals(0, heard.fate("config", x).serial(), "by another");
    hear(heard, "reported", signed(said, own));
    assertEquals(7, heard.fate("config", x).serial());
    hear(heard, "reported", signed(said, own).replace("7", "8"));
    assertEquals(0, heard.fate("config", x).serial(), "changed");
  }

  @Test
  void whatAGatewaySaysDoesNothingToATerminal() {
    RandomGenerator random = Randomness.seeded(8);
    String said = "{\"config\":{\"serial\":7,\"state\":\"refused\",\"why\":\"no\"}}";
    HostileText.inEachPlace(
        said,
        random,
        changed -> {
          Heard heard = new Heard();
          hear(heard, "reported", changed);
          Heard.Fate fate = heard.fate("config", null);
          HostileText.assertPlain(fate.state());
          HostileText.assertPlain(fate.why());
        });
    Heard heard = new Heard();
    hear(heard, "reported", said.replace("no", "\u009b8m" + "x".repeat(900_000)));
    assertTrue(heard.fate("config", null).why().length() < 450);
  }

  private static void hear(Heard heard, String topic, String text) {
    heard.take(topic, text.getBytes(UTF_8), new MessageReader());
  }

  private static String signed(String text, SigningKey key) throws JsonValue.NotJson {
    String sig = key.sign(CanonicalJson.of(JsonValue.object(text)));
    return text.replaceFirst("}$", ",\"sig\":\"" + sig + "\"}");
  }

  @Test
  void whoIsSilentMayStillObeyAndHasItsDocumentTakenBack() throws IOException {
    Wave wave = dealt(20, alike(20));
    Member member = wave.members(0, Stage.WAITING).getFirst();
    member.pin("its key");
    member.sending(new Health(0, 0, 0, 0, 0), true);
    member.silent(" for 60 s, and is offline");
    Path file = folder.resolve("wave.json");
    wave.save(file);
    Wave read = Wave.read(file);
    assertNotNull(read);
    Member again = read.members(0, Stage.FAILED).getFirst();
    assertEquals("its key", again.key());
    assertTrue(again.mayObey());
    again.takenBack("pending");
    assertEquals(Stage.FAILED, again.stage());
    assertFalse(again.mayObey());
    assertEquals(
        "taken back, and it may obey it all the same: it says pending; it does not say what became"
            + " of serial 7 for 60 s, and is offline",
        again.why());
    again.to(Stage.FAILED, "put_back: no");
    assertFalse(again.mayObey());
  }

  /** Also of a file of before, which had no word of its own for either. */
  @Test
  void whoIsAwaitedAndWhoMayObeyIsNotReadFromWhatPeopleRead() throws IOException {
    Wave wave = dealt(20, alike(20));
    List<Member> two = List.copyOf(wave.members()).subList(0, 2);
    two.getFirst().sending(new Health(0, 0, 0, 0, 0), false);
    two.getFirst().sent();
    two.getLast().silent(" for 60 s, and is online");
    Path file = folder.resolve("wave.json");
    wave.save(file);
    String text = Files.readString(file);
    for (String same :
        List.of(
            text,
            text.replace("\"why\":\"away\"", "\"why\":\"not there\"")
                .replaceAll("does not say[^\"]*", "quiet"),
            text.replaceAll("\"silence\":\"[a-z_]+\",", ""))) {
      Files.writeString(file, same);
      List<Member> read = List.copyOf(Objects.requireNonNull(Wave.read(file)).members());
      assertTrue(read.get(0).mayObey() && !read.get(0).isAwaited(), same);
      assertTrue(read.get(1).mayObey() && !read.get(1).isAwaited(), same);
      assertFalse(read.get(2).mayObey(), same);
      read.get(1).to(Stage.FAILED, "put_back: no");
      assertFalse(read.get(1).mayObey(), same);
    }
    Files.writeString(file, text.replace("in_vain", "shy"));
    IOException none = assertThrows(IOException.class, () -> Wave.read(file));
    assertTrue(String.valueOf(none.getMessage()).contains("move it away"));
  }

  /** Where all are away the last wave would be the first. */
  @Test
  void theLastWaveIsNotTheFirstThatAnybodySees() {
    Wave wave = dealt(20, Map.of());
    assertEquals(List.of(0, 0, 20), sizes(wave));
    assertFalse(wave.isBlind());
    wave.next();
    assertTrue(wave.isBlind());
    Member member = wave.members(2, Stage.WAITING).getFirst();
    member.to(Stage.APPLIED, null);
    assertFalse(wave.isBlind());
    wave.next();
    assertTrue(wave.isDone());
    assertFalse(wave.isEverywhere(0), "19 have not got it");
    wave.members().forEach(one -> one.to(Stage.APPLIED, null));
    assertTrue(wave.isEverywhere(0));
    member.to(Stage.FAILED, null);
    assertFalse(wave.isEverywhere(0));
    assertTrue(wave.isEverywhere(1));
  }
}
