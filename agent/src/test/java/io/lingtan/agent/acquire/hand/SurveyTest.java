package io.lingtan.agent.acquire.hand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.Bench;
import io.lingtan.agent.acquire.FakeChannel;
import io.lingtan.agent.acquire.FakeMeters;
import io.lingtan.agent.acquire.FakeUnits;
import io.lingtan.agent.acquire.Image;
import io.lingtan.agent.acquire.hand.Survey.News;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Inquiry.Form;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Dump;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who is found on a line, and as what. On virtual time. */
final class SurveyTest {

  private static final Map<String, DeviceProfile> PROFILES = all();

  /** What a site file without {@code metering} is warned of, whatever its lines are. */
  private static final String NO_METERS =
      "[site.yaml:1:1: warning: no meters: readings are kept and sent, but no energy or carbon"
          + " figures are made]";

  private static Map<String, DeviceProfile> all() {
    Map<String, DeviceProfile> profiles = new TreeMap<>();
    Catalogue<DeviceProfile> catalogue = Catalogue.profiles(null);
    for (String name : catalogue.names()) {
      profiles.put(name, Objects.requireNonNull(catalogue.load(name).value()));
    }
    return profiles;
  }

  private static DeviceProfile profile(String name) {
    return Objects.requireNonNull(PROFILES.get(name), name);
  }

  private final List<News> news = new ArrayList<>();

  /** Lets the bench's time pass until the answer is there. */
  private static LineAccess asking(Bench bench) {
    return (request, timeoutMillis, form) -> {
      Inquiry inquiry = new Inquiry(request, timeoutMillis, form);
      if (!bench.step.inquiries().offer(inquiry)) {
        throw new IllegalStateException("the inbox is full");
      }
      for (int i = 0; i < 100_000 && !inquiry.answer().isDone(); i++) {
        bench.run(Duration.ofMillis(1));
      }
      return inquiry.answer().join();
    };
  }

  private Survey.Result survey(Bench bench, Survey.Wanted wanted) throws InterruptedException {
    return new Survey(
            bench.line,
            asking(bench),
            List.copyOf(PROFILES.values()),
            wanted,
            bench.time,
            news::add)
        .run();
  }

  private static Survey.Wanted units(int from, int to) {
    return new Survey.Wanted(from, to, true, false, 200, List.of());
  }

  /** A unit whose registers are those of the maker's document. */
  private static void serve(FakeUnits units, int id, String profile) throws IOException {
    FakeUnits.Unit unit = units.unit(id);
    List<Dump.Typed> lines =
        Dump.of(profile).lines().stream().filter(line -> !line.value().equals("absent")).toList();
    Image.of(profile(profile), lines)
        .words()
        .forEach(
            (function, words) -> {
              unit.registers.putAll(words);
              for (int address : List.copyOf(words.keySet())) {
                unit.fill(Math.max(0, address - 20), 40);
              }
            });
  }

  static Stream<String> families() {
    return PROFILES.values().stream()
        .filter(profile -> !profile.example())
        .filter(
            profile ->
                profile.protocol() == Protocol.MODBUS || profile.protocol() == Protocol.SUNSPEC)
        .filter(profile -> profile.allPoints().stream().filter(SurveyTest::isBuiltIn).count() > 1)
        .map(DeviceProfile::name);
  }

  /** Of points of its own nobody knows what is believable; a single other may be so by chance. */
  private static boolean isBuiltIn(DeviceProfile.RegisterPoint register) {
    return register.point() != null && Point.find(register.point().name()) != null;
  }

  /** On a line that is polled each second no longer gap than the search's is free. */
  @Test
  void aUnitIsRecognisedInTheGapsThatFoundIt() throws IOException, InterruptedException {
    var bench = new Bench(Framing.TCP);
    serve(bench.units, 3, "huawei-luna2000");
    int[] inVain = {0};
    for (int longest : List.of(200, 0)) {
      LineAccess tight =
          (request, timeoutMillis, form) -> {
            boolean isSearch =
                request instanceof Request.Registers registers && registers.count() == 1;
            if (timeoutMillis <= longest || (isSearch && inVain[0] == 0)) {
              return asking(bench).ask(request, timeoutMillis, form);
            }
            inVain[0]++;
            return new Answer.NotAsked(new Sentence("no time", "没时间"));
          };
      List<Find> finds =
          new Survey(
                  bench.line,
                  tight,
                  List.of(profile("huawei-luna2000")),
                  units(3, 3),
                  bench.time,
                  news::add)
              .run()
              .finds();
      assertEquals(3, finds.getFirst().unit());
      assertEquals(longest > 0, finds.toString().contains("huawei-luna2000"), finds::toString);
    }
    assertEquals(1, inVain[0], "it is not asked for each register again");
    assertTrue(
        news.stream().anyMatch(each -> each.toString().contains("no time")), () -> news.toString());
  }

  @Test
  void aUnitThatIsBusyIsAskedAgain() throws IOException, InterruptedException {
    var bench = new Bench(Framing.TCP);
    serve(bench.units, 3, "huawei-luna2000");
    int[] asked = {0};
    LineAccess moody =
        (request, timeoutMillis, form) -> {
          bench.units.unit(3).exception = asked[0]++ % 3 < 2 ? 6 : 0;
          return asking(bench).ask(request, timeoutMillis, form);
        };
    var device = DeviceReport.stranger(profile("huawei-luna2000"), 3, null);
    DeviceReport report = DeviceReport.read(bench.line, device, moody, 500, null);
    assertEquals(Map.of(), report.bad());
    var found =
        new Survey(
                bench.line,
                moody,
                List.of(profile("huawei-luna2000")),
                units(3, 3),
                bench.time,
                news::add)
            .run()
            .finds();
    assertTrue(found.toString().contains("huawei-luna2000"), found::toString);
  }

  @ParameterizedTest
  @MethodSource("families")
  void aMeterWithTheValuesOfItsDocumentIsRecognised(String name)
      throws IOException, InterruptedException {
    Bench bench = new Bench(Framing.TCP);
    serve(bench.units, 3, name);
    Survey.Result result = survey(bench, units(3, 3));
    assertEquals(1, result.finds().size());
    Find find = result.finds().getFirst();
    assertFalse(find.guesses().isEmpty(), find::text);
    assertTrue(isSameMap(find.guesses().getFirst().profile(), name), find::text);
    assertTrue(bench.channel.requests < 400, () -> bench.channel.requests + " requests");
  }

  /** Acrel's ADL and DTSD meters, for one, have the same registers. */
  private static boolean isSameMap(String guess, String name) {
    DeviceProfile one = profile(guess);
    DeviceProfile other = profile(name);
    return guess.equals(name)
        || (one.partOf().equals(other.partOf()) && !one.partOf().isEmpty())
        || other.models().keySet().stream().anyMatch(one.models()::containsKey)
        || other.points().stream().anyMatch(point -> one.points().contains(point));
  }

  @Test
  void whatIsFoundIsPastedIntoASiteFile() throws IOException, InterruptedException {
    Bench bench = new Bench(Framing.TCP);
    serve(bench.units, 2, "eastron-sdm630");
    serve(bench.units, 5, "sunspec");
    bench.units.unit(9).fill(0, 10);
    Survey.Result result = survey(bench, units(1, 10));
    assertEquals(null, result.problem());
    assertEquals(List.of(2, 5, 9), result.finds().stream().map(Find::unit).toList());
    String yaml = LineYaml.of(bench.line, result.finds(), PROFILES);
    Loaded loaded = check(yaml);
    assertEquals(NO_METERS, loaded.problems().toString(), yaml);
    Line line = Objects.requireNonNull(loaded.site(), yaml).lines().getFirst();
    assertEquals(
        List.of("eastron-sdm630", "sunspec"),
        line.devices().stream().map(device -> device.profile().name()).toList());
    assertTrue(yaml.contains("# unit 9 answers, and no profile fits well"), yaml);
  }

  private static Loaded check(String yaml) {
    String site =
        """
        gateway: new
        site: {region: CN-JS}
        %smqtt: {servers: ["mqtt://127.0.0.1:1883"]}
        """
            .formatted(yaml);
    return new SiteLoader().read(Path.of("site.yaml"), site.getBytes(StandardCharsets.UTF_8));
  }

  private static Bench serial(FakeUnits units, FakeChannel.Peer peer, Device... devices) {
    return new Bench(
        new Line.Serial(
            "rs485-1",
            "/dev/serial/by-id/usb-FTDI-if00",
            new CharacterFormat(9600, Parity.NONE, 1),
            "auto",
            false,
            Duration.ofSeconds(1),
            List.of(devices),
            null),
        units,
        peer);
  }

  @Test
  void aMeterThatSpeaksDlt645IsFoundBesideModbusUnits() throws IOException, InterruptedException {
    FakeMeters meters = new FakeMeters();
    FakeUnits units = new FakeUnits(Framing.RTU);
    meters.others = units;
    meters
        .meter("000012345678")
        .set(0x0001_0000, "78 56 34 12")
        .set(0x0201_FF00, "04 23 05 23 06 23");
    serve(units, 7, "acrel-dtsd1352");
    Bench bench = serial(units, meters);
    Survey.Result result = survey(bench, units(5, 8));
    assertEquals(
        List.of("meter 000012345678", "unit 7"), result.finds().stream().map(Find::who).toList());
    assertTrue(
        result.finds().getFirst().guesses().getFirst().why().contains("123456.78 kWh"),
        () -> result.finds().getFirst().text());
    String yaml = LineYaml.of(bench.line, result.finds(), PROFILES);
    Loaded loaded = check(yaml);
    assertEquals(NO_METERS, loaded.problems().toString(), yaml);
    List<Device> devices = Objects.requireNonNull(loaded.site(), yaml).devices();
    assertEquals("000012345678", devices.getFirst().address());
    assertEquals(new CharacterFormat(2400, Parity.EVEN, 1), devices.getFirst().framing());
    assertTrue(yaml.contains("add ct: and pt:"), yaml);
  }

  /**
   * Each unit of a TCP server that speaks something else: one note, and none of speed or parity.
   */
  @Test
  void whatCannotBeReadIsOneNoteWithTheUnits() throws InterruptedException {
    Bench bench =
        new Bench(
            new Line.ModbusTcp(
                "l", "h", 502, false, false, 1, false, Duration.ofSeconds(1), List.of(), null),
            new FakeUnits(Framing.TCP),
            (channel, frame) -> {
              int unit = frame[6];
              if (unit != 4 && unit != 9) {
                frame[7] = 0x2b;
                channel.deliver(1_000_000, frame);
              }
            });
    Survey.Result result = survey(bench, units(1, 20));
    assertEquals(List.of(), result.finds());
    List<String> notes = new ArrayList<>();
    for (News each : news) {
      if (each instanceof News.Noted(var text)) {
        notes.add(text.english());
      }
    }
    assertEquals(1, notes.size(), notes::toString);
    assertTrue(notes.getFirst().startsWith("units 1-3 5-8 10-20: "), notes::toString);
    assertFalse(notes.getFirst().contains("parity"), notes::toString);
  }

  @Test
  void severalMetersAtOnceAreSaidAndNotInvented() throws InterruptedException {
    FakeMeters meters = new FakeMeters();
    meters.meter("000000000001");
    meters.meter("000000000099");
    Bench bench = serial(new FakeUnits(Framing.RTU), meters);
    Survey.Result result = survey(bench, new Survey.Wanted(1, 0, true, false, 200, List.of()));
    assertEquals(List.of(), result.finds());
    assertTrue(
        news.stream()
            .anyMatch(
                each ->
                    each instanceof News.Noted(var text)
                        && text.english().contains("several meters")),
        news::toString);
  }

  @Test
  void aSweepFindsTheSpeedAndEndsThere() throws IOException, InterruptedException {
    FakeUnits units = new FakeUnits(Framing.RTU);
    serve(units, 4, "eastron-sdm120");
    Bench[] bench = new Bench[1];
    CharacterFormat right = new CharacterFormat(19_200, Parity.EVEN, 1);
    bench[0] =
        serial(
            units,
            (channel, frame) -> {
              if (right.equals(channel.format)) {
                units.request(channel, frame);
              }
            });
    List<Form> forms =
        List.of(
            new Form(9600, 'N', 1),
            new Form(9600, 'E', 1),
            new Form(19_200, 'E', 1),
            new Form(4800, 'N', 1));
    Survey.Result result = survey(bench[0], new Survey.Wanted(1, 6, false, false, 100, forms));
    assertEquals(1, result.finds().size());
    assertEquals(new Form(19_200, 'E', 1), result.finds().getFirst().form());
    assertFalse(news.toString().contains("4800"), news::toString);
    String yaml = LineYaml.of(bench[0].line, result.finds(), PROFILES);
    assertTrue(yaml.contains("baud: 19200, parity: even"), yaml);
    assertEquals(NO_METERS, check(yaml).problems().toString(), yaml);
  }

  @Test
  void howFarItIsAndHowLongItTakesIsToldAllTheWay() throws InterruptedException {
    Bench bench = serial(new FakeUnits(Framing.RTU), (channel, frame) -> {});
    long begun = bench.time.now().millis();
    survey(bench, units(1, 247));
    long took = bench.time.now().millis() - begun;
    List<News.Progress> told =
        news.stream()
            .filter(News.Progress.class::isInstance)
            .map(News.Progress.class::cast)
            .toList();
    assertTrue(told.size() >= 250, () -> told.size() + " times");
    assertEquals(250, told.getFirst().total());
    News.Progress half = told.get(told.size() / 2);
    assertTrue(Math.abs(half.leftMillis() - took / 2) < took / 10, half + " of " + took);
    assertTrue(took < 247 * 300 + 5000, "it took " + took + " ms");
  }

  @Test
  void whatTheSiteFileHasAlreadyIsNotOfferedAgain() throws IOException, InterruptedException {
    FakeUnits units = new FakeUnits(Framing.RTU);
    serve(units, 2, "eastron-sdm120");
    serve(units, 3, "eastron-sdm120");
    Device gate =
        Bench.device(
            "gate", 2, profile("eastron-sdm120"), Duration.ofSeconds(2), Duration.ofSeconds(2));
    Bench bench = serial(units, units, gate);
    bench.run(Duration.ofSeconds(5));
    Survey.Result result = survey(bench, units(1, 5));
    assertEquals(List.of(2, 3), result.finds().stream().map(Find::unit).toList());
    assertEquals("gate", result.finds().getFirst().known());
    String yaml = LineYaml.of(bench.line, result.finds(), PROFILES);
    assertTrue(yaml.contains("unit 2 is gate"), yaml);
    assertFalse(yaml.contains("unit: 2"), yaml);
    assertEquals(0, bench.step.snapshot().skipped(), "the polls went on");
    assertTrue(bench.samplesOf("gate").stream().allMatch(sample -> sample.failed() == null));
  }

  @Test
  void aLineThatCannotBeUsedEndsItAtOnceWithWhy() throws InterruptedException {
    Bench bench = new Bench(Framing.TCP);
    bench.channel.refuse(true);
    Survey.Result result = survey(bench, units(1, 247));
    assertTrue(Objects.requireNonNull(result.problem()).english().contains("refused connection"));
    assertEquals(List.of(), result.finds());
  }

  @Test
  void aUnitThatCannotBeReadIsSaid() throws InterruptedException {
    Bench bench =
        serial(
            new FakeUnits(Framing.RTU),
            (channel, frame) ->
                channel.deliver(5_000_000L, new byte[] {frame[0], 3, 2, 0, 0, 9, 9}));
    survey(bench, units(5, 5));
    assertTrue(
        news.stream()
            .anyMatch(
                each ->
                    each instanceof News.Noted(var text)
                        && text.english().contains("cannot be read")),
        news::toString);
  }

  @Test
  void everyAnswerOfAReadIsShownWithItsChain() throws IOException, InterruptedException {
    Bench bench = new Bench(Framing.TCP);
    serve(bench.units, 1, "eastron-sdm630");
    Device device = DeviceReport.stranger(profile("eastron-sdm630"), 1, null);
    DeviceReport report = DeviceReport.read(bench.line, device, asking(bench), 500, null);
    assertEquals(null, report.problem());
    assertTrue(report.isAnswered());
    String text = report.text();
    assertTrue(text.contains("  → 00 01 00 00 00 06 01 03 FC 00 00 02"), text);
    assertTrue(
        text.matches("(?s).*voltage_l1 +43[0-9A-F]{2} [0-9A-F]{4} → float32 ABCD 2.*"), text);
    for (var step : report.steps()) {
      assertTrue(step.answer() instanceof Answer.Value, step::toString);
    }
  }
}
