package io.lingtan.agent.acquire.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.acquire.Bench;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each way in which a value can lie in registers. */
final class RegisterTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private static RegisterPoint source(
      String point,
      int function,
      DeviceProfile.Type type,
      int words,
      WordOrder order,
      List<Long> sentinels,
      String offset,
      int bit,
      int bits,
      Map<Long, String> texts) {
    return new RegisterPoint(
        Point.of(point),
        function,
        10,
        type,
        words,
        order,
        BigDecimal.ONE,
        -1,
        Ratio.NONE,
        sentinels,
        null,
        SECOND,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        texts,
        new BigDecimal(offset),
        bit,
        bits,
        0,
        null);
  }

  private static RegisterPoint own(
      Form form, DeviceProfile.Type type, int words, String scale, String offset) {
    return new RegisterPoint(
        Point.own("irradiance", form, null, Map.of()),
        3,
        10,
        type,
        words,
        WordOrder.BIG,
        new BigDecimal(scale),
        -1,
        Ratio.NONE,
        List.of(),
        null,
        SECOND,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        Map.of(),
        new BigDecimal(offset),
        0,
        0,
        0,
        null);
  }

  private static String ownValue(RegisterPoint source, String hex) {
    Values.Builder values = new Values.Builder();
    Reason why = decode(source, hex, values);
    if (why != null) {
      return why.code();
    }
    Values read = values.build();
    return read.point(0).text(read.micros(0));
  }

  @ParameterizedTest
  @CsvSource({
    "INT16, 1, 0.1, 0, 1, 1F40, 800",
    "INT16, 1, 0.1, -40, 1, 0001, -39.9",
    "UINT16, 1, 0.000000000001, 0, 12, 07D0, 0.000000002",
    "INT64, 4, 0.001, 0, 3, 7FFF FFFF FFFF FFFF, 9223372036854775.807",
    "UINT64, 4, 1, 0, 0, FFFF FFFF FFFF FFFF, range",
    "UINT32, 2, 1.5, 0, 1, 0000 0003, 4.5",
  })
  void anOwnNumberKeepsTheStepOfTheDevice(
      DeviceProfile.Type type,
      int words,
      String scale,
      String offset,
      int places,
      String hex,
      String expected) {
    Form form = new Form.Decimals(places, "A");
    assertEquals(expected, ownValue(own(form, type, words, scale, offset), hex));
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, 2, 1, 3109 705F, 0.000000002",
    "FLOAT32, 2, 1, B109 705F, -0.000000002",
    "FLOAT32, 2, 1000, 3109 705F, 0.000002",
    "FLOAT32, 2, 1, 7FC0 0000, sentinel",
    "FLOAT32, 2, 1, FF80 0000, sentinel",
    "FLOAT32, 2, 1, 8000 0000, 0",
    "FLOAT64, 4, 1, 7FEF FFFF FFFF FFFF, 1.7976931348623157E+308",
    "FLOAT64, 4, 10, 7FEF FFFF FFFF FFFF, range",
    "FLOAT64, 4, 1, 4009 21FB 5444 2D18, 3.141592653589793",
  })
  void anOwnFloatLosesNoDigit(
      DeviceProfile.Type type, int words, String scale, String hex, String expected) {
    assertEquals(expected, ownValue(own(new Form.Binary("A"), type, words, scale, "0"), hex));
  }

  @Test
  void anOwnWordOrAlarmIsWhatItsTableSays() {
    Form mode = new Form.Texts(new TreeMap<>(Map.of(0L, "off", 1L, "on", -1L, "fault")));
    assertEquals("on", ownValue(own(mode, DeviceProfile.Type.UINT16, 1, "1", "0"), "0001"));
    assertEquals("fault", ownValue(own(mode, DeviceProfile.Type.INT16, 1, "1", "0"), "FFFF"));
    assertEquals("7", ownValue(own(mode, DeviceProfile.Type.ENUM16, 1, "1", "0"), "0007"));
    Form alarms = new Form.Bits(0b1001);
    assertEquals("0 3", ownValue(own(alarms, DeviceProfile.Type.UINT16, 1, "1", "0"), "FFFF"));
    assertEquals("", ownValue(own(alarms, DeviceProfile.Type.INT16, 1, "1", "0"), "0006"));
    Form all = new Form.Bits(-1);
    assertEquals(
        "0 63", ownValue(own(all, DeviceProfile.Type.INT64, 4, "1", "0"), "8000 0000 0000 0001"));
    assertEquals(
        "63", ownValue(own(all, DeviceProfile.Type.INT64, 4, "1", "0"), "8000 0000 0000 0000"));
  }

  private static RegisterPoint number(DeviceProfile.Type type, int words, WordOrder order) {
    return source("power", 3, type, words, order, List.of(), "0", 0, 0, Map.of());
  }

  private static Words block(int function, String hex) {
    String[] words = hex.trim().split(" ");
    byte[] bytes = new byte[2 * words.length];
    for (int i = 0; i < words.length; i++) {
      int word = Integer.parseInt(words[i], 16);
      bytes[2 * i] = (byte) (word >>> 8);
      bytes[2 * i + 1] = (byte) word;
    }
    return new Words(new BlockRead(function, 10, words.length), bytes);
  }

  private static @Nullable Reason decode(RegisterPoint source, String hex, Values.Builder values) {
    Point point = Objects.requireNonNull(source.point());
    return new Register(source, point, 0, BigDecimal.ONE, false)
        .decode(block(source.function(), hex), values);
  }

  private static String value(RegisterPoint source, String hex) {
    Values.Builder values = new Values.Builder();
    Reason why = decode(source, hex, values);
    Values built = values.build();
    String state = built.state();
    return why != null
        ? why.code()
        : state != null ? state : Micros.text(built.micros(Point.of("power")));
  }

  @ParameterizedTest
  @CsvSource({
    "BIG,            INT32,   FFFE 1DC0,           -123456",
    "LITTLE,         INT32,   1DC0 FFFE,           -123456",
    "BIG_SWAPPED,    INT32,   FEFF C01D,           -123456",
    "LITTLE_SWAPPED, INT32,   C01D FEFF,           -123456",
    "BIG,            FLOAT32, 4366 8000,           230.5",
    "LITTLE,         FLOAT32, 8000 4366,           230.5",
    "BIG_SWAPPED,    FLOAT32, 6643 0080,           230.5",
    "LITTLE_SWAPPED, FLOAT32, 0080 6643,           230.5",
    "BIG,            UINT16,  0102,                258",
    "LITTLE,         UINT16,  0102,                258",
    "BIG_SWAPPED,    UINT16,  0201,                258",
    "LITTLE_SWAPPED, INT16,   FEFF,                -2",
    "BIG,            INT64,   FFFF FFFF FFFE 1DC0, -123456",
    "LITTLE,         INT64,   1DC0 FFFE FFFF FFFF, -123456",
    "BIG_SWAPPED,    UINT64,  0000 0000 0100 40E2, 123456",
    "LITTLE_SWAPPED, UINT64,  40E2 0100 0000 0000, 123456",
    "BIG,            FLOAT64, 406C D000 0000 0000, 230.5",
    "LITTLE_SWAPPED, FLOAT64, 0000 0000 00D0 6C40, 230.5",
  })
  void aNumberIsPutTogetherInTheOrderOfItsBytes(
      WordOrder order, DeviceProfile.Type type, String words, String expected) {
    assertEquals(expected, value(number(type, type.words(), order), words));
  }

  @ParameterizedTest
  @CsvSource({
    "1, BIG,            1234,                1234",
    "2, BIG,            0012 3456,           123456",
    "2, LITTLE,         3456 0012,           123456",
    "2, LITTLE_SWAPPED, 5634 1200,           123456",
    "3, BIG,            1234 5678 9012,      123456789012",
    "4, BIG,            0000 0000 0000 0009, 9",
    "2, BIG,            0012 345A,           range",
    "1, BIG,            FFFF,                range",
  })
  void packedDecimalsAreDigitsAndNothingElse(
      int words, WordOrder order, String raw, String expected) {
    assertEquals(expected, value(number(DeviceProfile.Type.BCD, words, order), raw));
  }

  @Test
  void aSentinelOfPackedDecimalsIsItsBitPattern() {
    RegisterPoint source =
        source(
            "power",
            3,
            DeviceProfile.Type.BCD,
            2,
            WordOrder.BIG,
            List.of(0xFFFF_FFFFL),
            "0",
            0,
            0,
            Map.of());
    assertEquals("sentinel", value(source, "FFFF FFFF"));
  }

  @ParameterizedTest
  @CsvSource({"0, open", "1, closed", "2, closed", "15, open"})
  void aBitOfARegisterIsAStateOfItsOwn(int bit, String expected) {
    RegisterPoint source =
        source(
            "state",
            3,
            DeviceProfile.Type.BIT,
            1,
            WordOrder.BIG,
            List.of(),
            "0",
            bit,
            0,
            Map.of(0L, "open", 1L, "closed"));
    assertEquals(expected, value(source, "0006"));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 8,  00A5 0000,  165",
    "1, 8, 8,  C350 0000,  195",
    "1, 4, 3,  0050 0000,  5",
    "2, 12, 8, 000A B000,  171",
    "2, 31, 1, 8000 0000,  1",
  })
  void neighbouringBitsAreANumberWithoutASign(
      int words, int bit, int bits, String raw, String expected) {
    RegisterPoint source =
        source(
            "power",
            3,
            DeviceProfile.Type.BITS,
            words,
            WordOrder.BIG,
            List.of(),
            "0",
            bit,
            bits,
            Map.of());
    assertEquals(expected, value(source, raw));
  }

  @Test
  void anOffsetIsAddedBehindTheScale() {
    RegisterPoint source =
        source(
            "power",
            3,
            DeviceProfile.Type.UINT16,
            1,
            WordOrder.BIG,
            List.of(),
            "-40.5",
            0,
            0,
            Map.of());
    assertEquals("24.5", value(source, "0041"));
  }

  @Test
  void anOffsetThatLeavesTheRangeOfNumbersIsNoNumber() {
    RegisterPoint source =
        source(
            "power",
            3,
            DeviceProfile.Type.INT64,
            4,
            WordOrder.BIG,
            List.of(),
            "1000000",
            0,
            0,
            Map.of());
    // 9223372036854 is the last whole number that fits in millionths.
    assertEquals("range", value(source, "0000 0863 7BD0 5AF6"));
  }

  @Test
  void aListOfStatesMayTakeTwoRegisters() {
    RegisterPoint source =
        source(
            "state",
            3,
            DeviceProfile.Type.ENUM32,
            2,
            WordOrder.BIG,
            List.of(),
            "0",
            0,
            0,
            Map.of(0x1_0002L, "running"));
    assertEquals("running", value(source, "0001 0002"));
    assertEquals("3", value(source, "0000 0003"));
  }

  @Test
  void aTextEndsAtItsFirstNul() {
    RegisterPoint source = number(DeviceProfile.Type.STRING, 3, WordOrder.BIG);
    Register register = new Register(source, Point.of("power"), 0, BigDecimal.ONE, false);
    assertEquals("SN42", register.text(block(3, "534E 3432 0041")));
    RegisterPoint swapped = number(DeviceProfile.Type.STRING, 3, WordOrder.LITTLE_SWAPPED);
    register = new Register(swapped, Point.of("power"), 0, BigDecimal.ONE, false);
    assertEquals("SN42", register.text(block(3, "4E53 3234 2020")));
    assertEquals("config", value(source, "534E 3432 0000"));
  }

  @Test
  void coilsAndDiscreteInputsAreReadAsBits() {
    for (int function = 1; function <= 2; function++) {
      RegisterPoint source =
          source(
              "state",
              function,
              DeviceProfile.Type.BIT,
              1,
              WordOrder.BIG,
              List.of(),
              "0",
              0,
              0,
              Map.of(0L, "open", 1L, "closed"));
      var bench =
          new Bench(
              Framing.RTU,
              Bench.device(
                  "meter",
                  1,
                  Bench.profile(
                      source, Bench.register("power", 3, 0, DeviceProfile.Type.UINT16, "1")),
                  SECOND,
                  SECOND));
      bench.units.unit(1).fill(0, 1).set(10, 1);
      bench.run(SECOND);
      Sample sample = bench.samplesOf("meter").getFirst();
      assertEquals("closed", sample.values().state());
      assertNull(sample.failed());
      assertEquals(List.of("1/" + function + "/10/1", "1/3/0/1"), bench.units.asked.subList(0, 2));
    }
  }
}
