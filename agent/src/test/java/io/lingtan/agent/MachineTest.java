package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.MachineIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which machine it is, on machines made of files. */
final class MachineTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";

  @TempDir Path folder;

  private Path put(String machine, String path, String text) throws IOException {
    Path file = folder.resolve(machine).resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  /** A network adapter; {@code bus} is where it hangs. */
  private void adapter(String machine, String name, String bus, String mac) throws IOException {
    put(machine, "sys/class/net/" + name + "/address", mac + "\n");
    put(machine, "sys/class/net/" + name + "/addr_assign_type", "0\n");
    if (!bus.isEmpty()) {
      Path device = folder.resolve(machine).resolve("sys/devices/" + bus + "/" + name);
      Files.createDirectories(device);
      Files.createSymbolicLink(
          folder.resolve(machine).resolve("sys/class/net/" + name + "/device"), device);
    }
  }

  private String identity(String machine) {
    return Machine.identity(folder.resolve(machine));
  }

  private String pc(String machine, String mac) throws IOException {
    put(machine, "etc/machine-id", ID + "\n");
    put(machine, "proc/sys/kernel/hostname", "gw\n");
    adapter(machine, "enp1s0", "pci0000:00/0000:01:00.0", mac);
    adapter(machine, "lo", "", "00:00:00:00:00:00");
    adapter(machine, "docker0", "", "02:42:aa:bb:cc:dd");
    return identity(machine);
  }

  @Test
  void aCloneOfAPcIsAnotherMachineAlthoughItsMachineIdIsTheSame() throws IOException {
    String first = pc("a", "00:30:18:00:00:01");
    String clone = pc("b", "00:30:18:00:00:02");
    assertFalse(MachineIdentity.isSame(first, clone), first + " / " + clone);
    assertTrue(MachineIdentity.isSame(first, identity("a")));
  }

  @Test
  void anAdapterThatIsPluggedInMakesNoOtherMachine() throws IOException {
    String before = pc("a", "00:30:18:00:00:01");
    adapter("a", "enx0c", "pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0", "0c:37:96:00:00:01");
    assertEquals(before, identity("a"), "it may be plugged into another one tomorrow");
    adapter("a", "enp2s0", "pci0000:00/0000:02:00.0", "00:30:18:00:00:09");
    assertTrue(MachineIdentity.isSame(before, identity("a")), "a second one on a card");
  }

  @Test
  void whatAnEarlierVersionKeptIsStillThisMachine() throws IOException {
    String now = pc("a", "00:30:18:00:00:01");
    assertTrue(MachineIdentity.isSame(ID, now));
    assertFalse(MachineIdentity.isSame(ID.replace('0', '1'), now));
    put("pi", "sys/firmware/devicetree/base/serial-number", "10000000abcdef01\0");
    put("pi", "etc/machine-id", ID + "\n");
    assertTrue(MachineIdentity.isSame("10000000abcdef01", identity("pi")));
    assertFalse(MachineIdentity.isSame(ID, identity("pi")));
  }

  @Test
  void whatOnlyRootMayReadDecidesOnlyWhereBothKnowIt() throws IOException {
    String service = pc("a", "00:30:18:00:00:01");
    put("a", "sys/class/dmi/id/product_uuid", "4c4c4544-0042-3510-8052-b4c04f565931\n");
    String root = identity("a");
    assertTrue(root.startsWith("dmi:"), root);
    assertTrue(MachineIdentity.isSame(service, root) && MachineIdentity.isSame(root, service));
  }

  @Test
  void aNumberThatTheMakerLeftBlankTellsNothing() throws IOException {
    pc("a", "00:30:18:00:00:01");
    put("a", "sys/class/dmi/id/product_uuid", "03000200-0400-0500-0006-000700080009\n");
    put("a", "proc/cpuinfo", "Serial\t\t: 0000000000000000\n");
    assertTrue(identity("a").startsWith("mac:"), identity("a"));
  }

  @Test
  void aBoardThatGetsANewCardIsTheSameAndACardInAnotherBoardIsNot() throws IOException {
    put("pi", "sys/firmware/devicetree/base/serial-number", "10000000abcdef01\0");
    put("pi", "sys/block/mmcblk0/device/cid", "035344534433324780aabbccdd016a00\n");
    String before = identity("pi");
    put("pi", "sys/block/mmcblk0/device/cid", "ff5344534433324780aabbccdd016a00\n");
    assertTrue(MachineIdentity.isSame(before, identity("pi")));
    put("pi", "sys/firmware/devicetree/base/serial-number", "10000000abcdef02\0");
    assertFalse(MachineIdentity.isSame(before, identity("pi")));
  }

  @Test
  void hashesOfTheValuesAreComparedLikeTheValues() throws IOException {
    String first = pc("a", "00:30:18:00:00:01");
    adapter("a", "enp2s0", "pci0000:00/0000:02:00.0", "00:30:18:00:00:09");
    String more = identity("a");
    String clone = pc("b", "00:30:18:00:00:02");
    assertTrue(MachineIdentity.isSame(hashed(first), hashed(more)));
    assertFalse(MachineIdentity.isSame(hashed(first), hashed(clone)));
    assertTrue(MachineIdentity.isSame(hashed(ID), hashed(first)), "kept by an earlier version");
  }

  private static String hashed(String line) {
    return MachineIdentity.mapped(line, value -> "h" + value.hashCode());
  }

  @Test
  void thisMachineHasOne() {
    assertFalse(Machine.identity().isEmpty());
    assertTrue(MachineIdentity.isSame(Machine.identity(), Machine.identity()));
  }
}
