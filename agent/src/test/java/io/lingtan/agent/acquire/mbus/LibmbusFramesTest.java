package io.lingtan.agent.acquire.mbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.reply.RecordQuantity;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Frames of real meters against what a foreign program, libmbus, has made of them: each record that
 * it names by quantity must be ours too, with the same place and the same value.
 */
final class LibmbusFramesTest {

  private static final Path RECORDED = Path.of("src/test/resources/mbus/libmbus.txt");

  /** Its quantity with our own, and what its unit is in ours. */
  private record Meaning(RecordQuantity quantity, String times) {}

  private static final Map<String, Meaning> MEANINGS =
      Map.ofEntries(
          Map.entry("Energy Wh", new Meaning(RecordQuantity.ENERGY, "1")),
          Map.entry("Energy J", new Meaning(RecordQuantity.ENERGY, "0.000277777777777777777778")),
          Map.entry("Volume m^3", new Meaning(RecordQuantity.VOLUME, "1")),
          Map.entry("Power W", new Meaning(RecordQuantity.POWER, "1")),
          Map.entry("Volume flow m^3/h", new Meaning(RecordQuantity.FLOW, "1")),
          Map.entry("Flow temperature °C", new Meaning(RecordQuantity.FLOW_TEMPERATURE, "1")),
          Map.entry("Return temperature °C", new Meaning(RecordQuantity.RETURN_TEMPERATURE, "1")),
          Map.entry(
              "Temperature difference K", new Meaning(RecordQuantity.TEMPERATURE_DIFFERENCE, "1")),
          Map.entry(
              "External temperature °C", new Meaning(RecordQuantity.EXTERNAL_TEMPERATURE, "1")),
          Map.entry("Voltage V", new Meaning(RecordQuantity.VOLTAGE, "1")),
          Map.entry("Current A", new Meaning(RecordQuantity.CURRENT, "1")),
          Map.entry("On time s", new Meaning(RecordQuantity.ON_TIME, "1")),
          Map.entry("Operating time s", new Meaning(RecordQuantity.OPERATING_TIME, "1")),
          Map.entry("Error flags ", new Meaning(RecordQuantity.ERROR_FLAGS, "1")));

  /** A frame with what libmbus said of it. */
  private record Judged(String name, byte[] frame, List<String> slave, List<String[]> records) {}

  private static List<Judged> judged() throws IOException {
    List<Judged> all = new ArrayList<>();
    for (String line : Files.readAllLines(RECORDED)) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "frame" ->
            all.add(
                new Judged(
                    words[1],
                    HexFormat.of().parseHex(words[2]),
                    new ArrayList<>(),
                    new ArrayList<>()));
        case "slave" -> all.getLast().slave.addAll(List.of(words).subList(1, words.length));
        case "record" ->
            all.getLast().records.add(line.substring("record ".length()).split("\\|", -1));
        default -> assertTrue(line.startsWith("#"), line);
      }
    }
    return all;
  }

  @Test
  void everyRecordThatAForeignProgramNamesIsOursWithTheSameValue() throws IOException {
    int compared = 0;
    for (Judged judged : judged()) {
      if (judged.name.equals("example_data_01")) {
        continue; // See aTelegramWhoseDataAreEncryptedIsNotRead.
      }
      Telegram telegram = LongFrame.telegram(judged.frame);
      assertEquals(
          judged.slave,
          List.of(
              telegram.identification().replaceFirst("^0+(?=.)", ""),
              telegram.manufacturer(),
              Integer.toString(Integer.parseInt(telegram.selection().substring(12, 14), 16)),
              Integer.toString(telegram.access()),
              "%02X".formatted(telegram.status())),
          judged.name);
      List<DataRecord> ours = new ArrayList<>(telegram.records());
      for (String[] record : judged.records) {
        Meaning meaning = MEANINGS.get(record[5] + " " + record[4]);
        if (meaning != null) {
          take(ours, record, meaning, judged.name);
          compared++;
        }
      }
      for (DataRecord rest : ours) {
        assertTrue(
            rest.quantity() == null || rest.value() == null || !rest.vife().isEmpty(),
            () -> judged.name + " has not " + rest.line());
      }
    }
    assertTrue(compared > 190, "compared " + compared);
  }

  /** The first of ours that is the same, which is taken off. */
  private static void take(List<DataRecord> ours, String[] record, Meaning meaning, String name) {
    String what = name + " " + String.join("|", record);
    DataRecord found = null;
    for (DataRecord each : ours) {
      if (each.quantity() == meaning.quantity
          && each.function().key().equals(record[0])
          && each.storage() == Long.parseLong(record[1])
          && each.tariff() == Integer.parseInt(record[2])
          && each.subunit() == Integer.parseInt(record[3])) {
        found = each;
        break;
      }
    }
    assertNotNull(found, what);
    ours.remove(found);
    BigDecimal value = found.value();
    if (isWithoutItsVife(found)) {
      return; // libmbus tells the date of a greatest value as if it were one.
    }
    assertNotNull(value, what);
    BigDecimal theirs = new BigDecimal(record[6]).multiply(new BigDecimal(meaning.times));
    BigDecimal off = theirs.subtract(value).abs();
    assertTrue(
        off.doubleValue() <= 5e-7 + Math.abs(theirs.doubleValue()) * 1e-6, () -> what + value);
  }

  private static boolean isWithoutItsVife(DataRecord record) {
    return record.vife().contains("6F");
  }

  @Test
  void eachFrameIsLetInAsTheAnswerOfItsOwnMeterAndOfNoOther() throws IOException {
    for (Judged judged : judged()) {
      if (judged.name.equals("example_data_01")) {
        continue;
      }
      Telegram telegram = LongFrame.telegram(judged.frame);
      assertTold(judged, "mbus-" + telegram.identification());
      assertTold(judged, "mbus-" + telegram.selection());
      if (telegram.address() <= 250) {
        assertTold(judged, "mbus-" + telegram.address());
      }
      for (String other : List.of("mbus-249", "mbus-12345670")) {
        assertInstanceOf(ReadoutReply.Rejected.class, answer(other, judged.frame), judged.name);
      }
    }
  }

  private static void assertTold(Judged judged, String meter) {
    ReadoutReply reply = answer(meter, judged.frame);
    boolean more = LongFrame.telegram(judged.frame).more();
    Class<?> expected = more ? ReadoutReply.Further.class : ReadoutReply.Complete.class;
    assertTrue(expected.isInstance(reply), () -> judged.name + " " + meter + " " + reply);
  }

  private static ReadoutReply answer(String meter, byte[] frame) {
    Readout readout = new Readout();
    readout.expect(io.lingtan.agent.acquire.item.Address.of(meter));
    readout.feed(ByteBuffer.wrap(new byte[] {(byte) 0xE5}));
    return readout.feed(ByteBuffer.wrap(frame));
  }

  @Test
  void aTelegramWhoseDataAreEncryptedIsNotRead() throws IOException {
    Judged encrypted =
        judged().stream()
            .filter(each -> each.name.equals("example_data_01"))
            .findFirst()
            .orElseThrow();
    // Its configuration word names an encryption, which libmbus does not look at.
    assertInstanceOf(ReadoutReply.Rejected.class, answer("mbus-1", encrypted.frame));
  }
}
