package io.lingtan.agent.enrol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InvitationTest {

  private static final String PIN = "h-ipR6NQYUNH7XjXSAyVYKy5VenujUL2sSeZxbBAb5g";
  private static final String GOOD =
      "lingtan-enroll:1,est=est.example:8443,pin="
          + PIN
          + ",token=V_iYaAJ-yFwGcYLhaUCX8g,broker=one.example:8883,broker=[fd00::1]:8883,gateway=wx-1";

  @Test
  void aStickerSaysWhereAndWho() {
    Invitation read = Invitation.of(GOOD + ",later=keys\n");
    assertEquals("est.example:8443", read.est());
    assertEquals(List.of("one.example:8883", "[fd00::1]:8883"), read.brokers());
    assertEquals("wx-1", read.gateway());
    assertEquals(32, read.pinned().length);
    assertFalse(read.toString().contains(read.token()), "a token goes into no log");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "http://192.168.1.20:8080/",
        "lingtan-enroll:2,est=e:1",
        "lingtan-enroll:1,",
        GOOD + ",est=other.example:8443",
        GOOD + ",pin=" + PIN,
        GOOD + ",broker=x/y:1",
        GOOD + ",broker=host",
        "lingtan-enroll:1,est=a@b:1,pin=" + PIN + ",token=12345678,broker=b:1",
        "lingtan-enroll:1,est=a:1/../b,pin=" + PIN + ",token=12345678,broker=b:1",
        "lingtan-enroll:1,est=a:1,pin=short,token=12345678,broker=b:1",
        "lingtan-enroll:1,est=a:1,pin=" + PIN + ",token=1 345678,broker=b:1",
        "lingtan-enroll:1,est=a:1,pin=" + PIN + ",token=12345678",
        "lingtan-enroll:1,est=a:1,pin=" + PIN + ",token=12345678,broker=b:1,gateway=a/b",
      })
  void whatIsNoneIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Invitation.of(text));
  }
}
