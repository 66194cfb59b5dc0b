package io.lingtan.agent.audit.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.SignedRecords;
import io.lingtan.agent.audit.verify.Flaw.Kind;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.seal.VerifyingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class VerificationTest {

  @TempDir private Path folder;

  private SignedRecords made;
  private List<String> lines;

  @BeforeEach
  void make() {
    made = new SignedRecords(folder.resolve("a"), "a", 3);
    made.make(50);
    lines = new ArrayList<>(made.lines());
  }

  @AfterEach
  void close() {
    made.close();
  }

  private VerifyReport verify() {
    return verify(null);
  }

  private VerifyReport verify(@Nullable String head) {
    Verification verification = new Verification(made.key());
    lines.forEach(verification::take);
    return verification.report(head);
  }

  private void change(int line, String from, String to) {
    String old = lines.get(line - 1);
    assertTrue(old.contains(from), old);
    lines.set(line - 1, old.replaceFirst(java.util.regex.Pattern.quote(from), to));
  }

  private long seq(int line) {
    return seqOf(lines.get(line - 1));
  }

  private void assertOnly(Kind kind, int line, String field) {
    VerifyReport report = verify();
    assertEquals(1, report.flaws().size(), report::text);
    Flaw flaw = report.flaws().getFirst();
    assertEquals(kind, flaw.kind(), report::text);
    assertEquals(line, flaw.line(), report::text);
    assertEquals(field, flaw.field(), report::text);
    assertEquals(seq(line), flaw.seq(), report::text);
    assertFalse(report.isGood());
  }

  @Test
  void recordsAsTheyWereSignedAreGood() {
    VerifyReport report = verify();
    assertTrue(report.isGood(), report::text);
    assertEquals(50, report.records());
    // Each has location and total.
    assertEquals(100, report.figures());
    assertEquals(Set.of("elec.grid.import"), report.notChecked().keySet());
  }

  @Test
  void anEmptyFileIsNotGood() {
    lines.clear();
    assertFalse(verify().isGood());
  }

  @Test
  void aDigitThatWasChangedNamesTheRecord() {
    change(7, "\"cov\":100", "\"cov\":101");
    assertOnly(Kind.SIGNATURE, 7, "sig");
  }

  @Test
  void anEnergyThatWasChangedNamesTheFigureToo() {
    String old = lines.get(8);
    String energy = old.replaceFirst(".*?\"elec.grid.import\":\\{\"v\":([0-9.]+).*", "$1");
    change(9, "\"v\":" + energy, "\"v\":1" + energy);
    VerifyReport report = verify();
    assertEquals(
        List.of(Kind.SIGNATURE, Kind.CARBON), report.flaws().stream().map(Flaw::kind).toList());
    assertTrue(report.flaws().stream().allMatch(flaw -> flaw.line() == 9));
    assertEquals("metrics.co2.scope2.location.v", report.flaws().getLast().field());
  }

  @Test
  void aTotalThatClaimsToCoverMoreThanTheRecordHasIsNamed() {
    change(
        9,
        "\"text\":\"co2.scope2.location\"",
        "\"text\":\"co2.scope2.location co2.scope1.diesel\"");
    VerifyReport report = verify();
    assertEquals(
        List.of(Kind.SIGNATURE, Kind.CARBON), report.flaws().stream().map(Flaw::kind).toList());
    assertEquals("metrics.co2.total.v", report.flaws().getLast().field());
    assertTrue(report.flaws().getLast().what().contains("co2.scope1.diesel"), report::text);
  }

  @Test
  void aRecordThatWasTakenAwayIsNamed() {
    long gone = seq(12);
    lines.remove(11);
    assertOnly(Kind.MISSING, 12, "prev");
    String what = verify().flaws().getFirst().what();
    assertTrue(what.contains("seq " + gone + " "), what);
  }

  @Test
  void twoThatWereSwappedAreNamed() {
    Collections.swap(lines, 19, 20);
    assertOnly(Kind.ORDER, 21, "seq");
  }

  @Test
  void aFactorThatWasChangedIsNamed() {
    change(30, "\"value\":\"0.5827\"", "\"value\":\"0.5727\"");
    List<Flaw> flaws = verify().flaws();
    assertTrue(flaws.stream().allMatch(flaw -> flaw.line() == 30));
    assertEquals(
        List.of(Kind.SIGNATURE, Kind.FACTOR, Kind.CARBON),
        flaws.stream().map(Flaw::kind).toList(),
        () -> verify().text());
    assertEquals("factors.cn-elec/CN-JS/2023", flaws.get(1).field());
  }

  @Test
  void aFigureSaysWhatItsFactorSaysOfItself() {
    change(30, "\"provisional\":true", "\"provisional\":true,\"status\":\"demo\"");
    List<Flaw> flaws = verify().flaws();
    assertEquals(
        List.of("sig", "metrics.co2.scope2.location.status"),
        flaws.stream().map(Flaw::field).toList(),
        () -> verify().text());
    change(
        30,
        "\"factor\":\"cn-elec/CN-JS/2023\"",
        "\"factor\":\"cn-elec/CN-JS/2023\",\"status\":\"unconfirmed\"");
    assertEquals(2, verify().flaws().size());
    change(30, "\"status\":\"unconfirmed\"", "\"status\":\"demo\"");
    assertOnly(Kind.SIGNATURE, 30, "sig");
  }

  @Test
  void aRecordThatAnotherKeySignedIsNamed() throws NotJson {
    String unsigned = lines.get(24).replaceFirst(",\"sig\":\"[^\"]*\"", "");
    SigningKey other = SigningKey.make(Randomness.seeded(99));
    lines.set(
        24, RecordJson.signed(unsigned, other.sign(CanonicalJson.of(JsonValue.object(unsigned)))));
    assertOnly(Kind.SIGNATURE, 25, "sig");
  }

  @Test
  void aRecordWithoutASignatureIsNamed() {
    lines.set(4, lines.get(4).replaceFirst(",\"sig\":\"[^\"]*\"", ""));
    assertOnly(Kind.UNSIGNED, 5, "sig");
  }

  @Test
  void aLineThatIsNoRecordIsNamed() {
    lines.set(4, lines.get(4).substring(0, 40));
    List<Flaw> flaws = verify().flaws();
    assertEquals(5, flaws.getFirst().line());
    assertEquals(Kind.MALFORMED, flaws.getFirst().kind());
  }

  @Test
  void moreDigitsThanAreSignedAreNamed() {
    change(
        3,
        "\"registers\":{\"grid/energy_import\":[",
        "\"registers\":{\"grid/energy_import\":[0.00000000000000000000000001,");
    assertTrue(
        verify().flaws().stream().anyMatch(f -> f.kind() == Kind.SIGNATURE && f.line() == 3));
    lines = new ArrayList<>(made.lines());
    String start = lines.get(2).replaceFirst(".*energy_import\":\\[([0-9.]+),.*", "$1");
    change(
        3, "[" + start + ",", "[" + start + (start.contains(".") ? "" : ".") + "00000000000001,");
    assertOnly(Kind.NOT_EXACT, 3, "registers.grid/energy_import");
  }

  /** An older copy of the card that is put back tells it again, under numbers of its own. */
  @Test
  void anIntervalAndItsRevHaveOneContent() throws IOException {
    Path copied = Files.createDirectory(folder.resolve("copy"));
    Files.copy(folder.resolve("a").resolve("signing.key"), copied.resolve("signing.key"));
    try (SignedRecords copy = new SignedRecords(copied, "a", 4)) {
      copy.make(5);
      lines.addAll(copy.lines());
    }
    List<Flaw> twice =
        verify().flaws().stream().filter(flaw -> flaw.kind() == Kind.TWO_CONTENTS).toList();
    // The others have another rev than the original's record of their interval.
    assertEquals(List.of(51L, 53L), twice.stream().map(Flaw::line).toList());
    assertTrue(
        twice.getFirst().what().startsWith("differs from line 1, which is of the same interval"),
        twice::toString);
  }

  @Test
  void aRecordMayComeTwiceButOnlyAsTheSame() {
    lines.add(30, lines.get(10));
    VerifyReport report = verify();
    assertTrue(report.isGood(), report::text);
    assertEquals(1, report.repeated());
    change(31, "\"rev\":", "\"rev\":1");
    assertEquals(
        List.of(Kind.TWO_CONTENTS, Kind.SIGNATURE),
        verify().flaws().stream().map(Flaw::kind).toList());
  }

  @Test
  void aFileMayBeginAnywhereButNotEndBeforeItsHead() {
    String head = verify().head();
    lines = lines.subList(13, lines.size());
    assertTrue(verify(head).isGood(), () -> verify(head).text());
    lines.removeLast();
    assertTrue(verify().isGood());
    assertFalse(verify(head).isGood());
  }

  @ParameterizedTest
  @MethodSource("io.lingtan.agent.audit.verify.DeclaredDrop#cases")
  void aDeclaredDropExplainsItsOwnNumbersAndNoMoreThanItsCount(DeclaredDrop drop) {
    lines = drop.of(lines);
    VerifyReport report = verify();
    assertEquals(drop.explains(), report.isGood(), report::text);
    assertEquals(drop.explains(), report.text().contains("declared dropped"), report::text);
  }

  /** A copy of a card drops what it had numbered of time that the lost card had told. */
  @Test
  void aDropExplainsWhatLacksBeforeTheFirstOfAnEpochToo() throws IOException {
    Path copied = Files.createDirectory(folder.resolve("copy"));
    Files.copy(folder.resolve("a").resolve("signing.key"), copied.resolve("signing.key"));
    try (SignedRecords copy = new SignedRecords(copied, "a", 4)) {
      copy.make(5);
      List<String> all = copy.lines();
      lines.addAll(all.subList(2, all.size()));
      assertEquals(1, missing());
      lines.add(new DeclaredDrop(1, 2, 1, 1, 1, "interval", "rev_reused", false).event(all, 900));
      assertEquals(1, missing(), "it drops the first, and the second lacks too");
      lines.set(
          lines.size() - 1,
          new DeclaredDrop(1, 2, 1, 2, 2, "interval", "rev_reused", true).event(all, 900));
      assertEquals(0, missing());
      assertTrue(verify().text().contains("before epoch"), verify()::text);
    }
  }

  private long missing() {
    return verify().flaws().stream().filter(flaw -> flaw.kind() == Kind.MISSING).count();
  }

  @Test
  void aDropIsUsedUpOverAllGapsAndCountsOnceHoweverOftenItCame() {
    DeclaredDrop drop = new DeclaredDrop(12, 12, 12, 23, 1, "interval", "space", true);
    List<String> all = lines;
    lines = drop.of(all);
    lines.remove(all.get(22));
    assertFalse(verify().isGood());
    lines.add(lines.getLast());
    assertFalse(verify().isGood());
    lines.add(drop.event(all, 901));
    assertTrue(verify().isGood(), verify()::text);
  }

  /** As on a new card, which knows nothing of the journal before: 40 quarters of an hour later. */
  private List<String> onANewCard(int later) throws IOException {
    Path folder = Files.createDirectory(this.folder.resolve("card" + later));
    Files.copy(this.folder.resolve("a").resolve("signing.key"), folder.resolve("signing.key"));
    try (SignedRecords card = new SignedRecords(folder, "a", 4)) {
      card.skip(later);
      card.make(25);
      return card.lines();
    }
  }

  private List<String> open() {
    VerifyReport report = verify();
    assertFalse(report.isGood());
    assertTrue(report.text().endsWith("nothing shows that none was taken away\n"), report::text);
    assertEquals(
        Set.of(Kind.UNSHOWN),
        report.flaws().stream().map(Flaw::kind).collect(java.util.stream.Collectors.toSet()));
    return report.flaws().stream().map(Flaw::what).toList();
  }

  @Test
  void aChainThatBeginsAnewIsAnotherPieceAndGoodWhereNoTimeLacks() throws IOException {
    lines.addAll(onANewCard(40));
    VerifyReport report = verify();
    assertTrue(report.isGood(), report::text);
    assertTrue(report.text().contains("signed, in 2 pieces"), report::text);
    assertTrue(report.text().contains("begins a new chain with its epoch"), report::text);
  }

  @Test
  void theTimeThatLacksWhereAChainBeginsAnewIsToldOfEachLength() throws IOException {
    List<String> later = onANewCard(40);
    lines.addAll(later);
    List<String> whole = lines;
    // The last hour and two quarters of it; its record stands after them.
    lines = new ArrayList<>(whole.subList(0, 47));
    lines.addAll(later);
    String nothing = ": nothing shows whether it was taken away";
    assertEquals(
        List.of(
            "1h: no record from 2025-11-25T01:00:00Z to 2025-11-25T02:00:00Z" + nothing,
            "15m: no record from 2025-11-25T01:30:00Z to 2025-11-25T02:00:00Z" + nothing),
        open());
    assertTrue(verify().json().contains("\"kind\":\"unshown\""));

    // A whole epoch between two others.
    lines = new ArrayList<>(whole);
    lines.subList(50, lines.size()).clear();
    lines.addAll(onANewCard(64));
    assertEquals(
        "15m: no record from 2025-11-25T02:00:00Z to 2025-11-25T08:00:00Z" + nothing,
        open().getLast());
  }

  /** The day is told a second time right before: only that second record lacks. */
  private List<String> withoutWhatIsNamed() {
    made.make(70);
    made.dayAndAgain("0.5503", "2027-03", 0);
    List<String> before = made.lines();
    made.beginAnew();
    made.make(5);
    lines = made.lines();
    assertTrue(verify().isGood(), verify()::text);
    assertTrue(verify().text().contains("signed, in 2 pieces"), verify()::text);
    lines.remove(before.size() - 1);
    return before;
  }

  @Test
  void whatAChainThatBeginsAnewNamesMayNotLack() {
    List<String> before = withoutWhatIsNamed();
    assertEquals(
        List.of(
            "names seq %d of epoch %s as the last one before it, and that is not in this file: no record of that chain from 2025-11-25T16:00:00Z to 2025-11-25T17:00:00Z"
                .formatted(seqOf(before.getLast()), epochOf(before.getLast()))),
        open());

    // Nor the whole of its epoch, where another one stands before that.
    made.beginAnew();
    made.make(5);
    lines = made.lines();
    lines.removeIf(line -> epochOf(line).equals(epochOf(made.lines().get(before.size()))));
    assertTrue(open().getFirst().contains("as the last one before it"), verify()::text);
    // A file may begin after it.
    lines = new ArrayList<>(made.lines().subList(before.size(), made.lines().size()));
    assertTrue(verify().isGood(), verify()::text);
    assertTrue(verify().text().contains("begins a new chain and names seq"), verify()::text);
  }

  @Test
  void whatAChainThatBeginsAnewNamesMayBeDeclaredDropped() {
    List<String> before = withoutWhatIsNamed();
    int last = before.size();
    lines.add(new DeclaredDrop(0, 0, last, last, 1, "interval", "space", true).event(before, 901));
    assertTrue(verify().isGood(), verify()::text);
    assertTrue(verify().text().contains("it was declared dropped"), verify()::text);
    lines.removeLast();
    lines.add(new DeclaredDrop(0, 0, last, last, 0, "interval", "space", true).event(before, 901));
    assertFalse(verify().isGood());
  }

  @Test
  void whatAChainThatBeginsAnewNamesHasTheContentThatItNames() throws IOException {
    made.make(70);
    Path copied = Files.createDirectory(folder.resolve("copy"));
    List<String> before = made.lines();
    made.close();
    for (String file : List.of("signing.key", "journal.db")) {
      Files.copy(folder.resolve("a").resolve(file), copied.resolve(file));
    }
    made = new SignedRecords(folder.resolve("a"), "a", 5);
    made.make(1);
    lines = made.lines();
    try (SignedRecords copy = new SignedRecords(copied, "a", 6)) {
      copy.make(1);
      assertEquals(seqOf(lines.getLast()), seqOf(copy.lines().getLast()));
      copy.beginAnew();
      copy.make(1);
      lines.add(copy.lines().getLast());
    }
    assertEquals(before.size() + 2, lines.size());
    assertTrue(
        verify().flaws().stream()
            .anyMatch(flaw -> flaw.kind() == Kind.CHAIN && flaw.what().contains("another content")),
        verify()::text);
  }

  @Test
  void chainsThatBeginAnewOneAfterAnotherStandInTheirOrder() {
    made.beginAnew();
    made.beginAnew(); // no record between
    made.make(5);
    made.beginAnew();
    made.make(5);
    List<String> all = made.lines();
    lines = all;
    assertTrue(verify().isGood(), verify()::text);
    assertTrue(verify().text().contains("signed, in 3 pieces"), verify()::text);
    List<String> first = all.subList(0, 50);
    List<String> second = all.subList(50, 55);
    List<String> third = all.subList(55, 60);
    for (List<List<String>> forged :
        List.of(
            List.of(first, third, second),
            List.of(second, first, third),
            List.of(third, first, second),
            List.of(second, third, first),
            List.of(third, second, first))) {
      lines = new ArrayList<>();
      forged.forEach(lines::addAll);
      assertTrue(
          verify().flaws().stream().anyMatch(flaw -> flaw.kind() == Kind.ORDER), verify()::text);
    }
    // Without the record that is named, too.
    lines = new ArrayList<>(second);
    lines.addAll(first.subList(0, 49));
    assertTrue(
        verify().flaws().stream().anyMatch(flaw -> flaw.kind() == Kind.ORDER), verify()::text);
  }

  @Test
  void aRotationRightAfterAChainThatBeganAnewHidesNothing() throws IOException {
    var first = made.key();
    made.make(70);
    made.dayAndAgain("0.5503", "2027-03", 0);
    int last = made.lines().size() - 1;
    made.beginAnew();
    made.rotate();
    made.make(5);
    made.dayAndAgain("0.5503", "2027-03", 0);
    int later = made.lines().size() - 1;
    made.rotate();
    made.cutPower();
    made.make(5);
    List<String> all = made.lines();
    assertEquals(List.of(), flaws(first, all));
    // Told again in both, so that no time lacks.
    for (int gone : new int[] {last, later}) {
      List<String> cut = new ArrayList<>(all);
      cut.remove(gone);
      assertFalse(flaws(first, cut).isEmpty(), "line " + gone);
    }
  }

  private static List<Flaw> flaws(VerifyingKey key, List<String> lines) {
    Verification verification = new Verification(key);
    lines.forEach(verification::take);
    return verification.report(null).flaws();
  }

  @Test
  void aRecordThatCannotBeReadLeavesNoEpoch() {
    String broken = lines.getLast().replaceFirst("\"epoch\":\"[^\"]*", "\"epoch\":\"0badc0de");
    lines.add(broken.replaceFirst("\"ts\":", "\"ts\":1.5e-1,\"was\":"));
    lines.add(
        "{\"epoch\":\"%1$s\",\"seq\":2,\"event\":\"journal.epoch\",\"detail\":{\"epoch\":\"%1$s\",\"previous\":\"0badc0de\"}}"
            .formatted(epochOf(lines.getFirst())));
    assertEquals(
        List.of(Kind.MALFORMED),
        verify().flaws().stream().map(Flaw::kind).toList(),
        verify()::text);
  }

  private static String epochOf(String line) {
    return line.replaceFirst(".*?\"epoch\":\"([^\"]*).*", "$1");
  }

  private static long seqOf(String line) {
    return Long.parseLong(line.replaceFirst(".*?\"seq\":(\\d+).*", "$1"));
  }

  @Test
  void aLaterChainThatStandsFirstIsNamed() throws IOException {
    List<String> later = onANewCard(40);
    lines.addAll(0, later);
    assertTrue(open().getFirst().startsWith("is dated before all of epoch"), verify()::text);
    String before = epochOf(lines.getLast());
    String epoch = epochOf(later.getLast());
    lines.add(
        "{\"epoch\":\"%s\",\"seq\":2,\"event\":\"journal.epoch\",\"detail\":{\"epoch\":\"%s\",\"reason\":\"lent\",\"previous\":\"%s\",\"previous_last\":55}}"
            .formatted(epoch, epoch, before));
    assertTrue(
        verify().flaws().stream().anyMatch(flaw -> flaw.kind() == Kind.ORDER), verify()::text);
    String event = lines.removeLast();
    lines = new ArrayList<>(made.lines());
    lines.addAll(later);
    lines.add(event);
    assertTrue(verify().isGood(), verify()::text);
    assertTrue(verify().text().contains("had numbers up to 55, says its event"), verify()::text);
  }

  @Test
  void whatTheKeyBeforeSignedLastMayNotLack() throws IOException {
    var first = made.key();
    made.rotate();
    made.make(10);
    lines = made.lines();
    lines.remove(49);
    Verification verification = new Verification(first);
    lines.forEach(verification::take);
    VerifyReport report = verification.report(null);
    assertEquals(
        List.of(Kind.MISSING), report.flaws().stream().map(Flaw::kind).toList(), report::text);
  }

  @Test
  void theKeyBeforeVouchesForTheNext() throws IOException {
    var first = made.key();
    made.rotate();
    made.make(10);
    lines = made.lines();
    Verification verification = new Verification(first);
    lines.forEach(verification::take);
    VerifyReport report = verification.report(null);
    assertTrue(report.isGood(), report::text);
    assertEquals(List.of(first.x(), made.key().x()), report.keys());

    int at = (int) lines.stream().takeWhile(line -> !line.contains("\"rotation\"")).count();
    lines.set(at, lines.get(at).replaceFirst("\"head\":\"....", "\"head\":\"AAAA"));
    Verification forged = new Verification(first);
    lines.forEach(forged::take);
    assertEquals(at + 1, forged.report(null).flaws().getFirst().line());
  }
}
