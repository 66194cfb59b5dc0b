package io.lingtan.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;

/**
 * Gives pulses at a simulated input of the kernel (gpio-sim), by its {@code pull} file. Runs in the
 * guest of an {@link ArmMachine} and needs nothing but the JDK.
 */
public final class GpioSimPulses {

  private GpioSimPulses() {}

  /**
   * Arguments: the {@code pull} file, how many pulses, least high and low time in microseconds, how
   * many bounces each edge has (of about 1 ms), and the id of a process that is held up after the
   * first third for half a second, 0 for none. Prints how many were given and how long it took.
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int count = Integer.parseInt(args[1]);
    long highNanos = Long.parseLong(args[2]) * 1000;
    long lowNanos = Long.parseLong(args[3]) * 1000;
    int bounces = Integer.parseInt(args[4]);
    String held = args[5];
    ByteBuffer up = ByteBuffer.wrap("pull-up".getBytes(StandardCharsets.US_ASCII));
    ByteBuffer down = ByteBuffer.wrap("pull-down".getBytes(StandardCharsets.US_ASCII));
    try (FileChannel pull = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
      long began = System.nanoTime();
      long goOn = Long.MAX_VALUE;
      for (int i = 0; i < count; i++) {
        if (i == count / 3 && !held.equals("0")) {
          signal("-STOP", held);
          goOn = System.nanoTime() + 500_000_000L;
        }
        if (System.nanoTime() >= goOn) {
          signal("-CONT", held);
          goOn = Long.MAX_VALUE;
        }
        // From when the last edge really was: a guest that was held up itself gives no bursts.
        edge(pull, up, down, bounces);
        waitUntil(System.nanoTime() + highNanos);
        edge(pull, down, up, bounces);
        waitUntil(System.nanoTime() + lowNanos);
      }
      if (goOn != Long.MAX_VALUE) {
        signal("-CONT", held);
      }
      long millis = (System.nanoTime() - began) / 1_000_000;
      System.out.println("gave " + count + " pulses in " + millis + " ms");
    }
  }

  private static void signal(String which, String process)
      throws IOException, InterruptedException {
    int code = new ProcessBuilder("kill", which, process).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException("kill " + which + " " + process + " gave " + code);
    }
  }

  private static void edge(FileChannel pull, ByteBuffer to, ByteBuffer from, int bounces)
      throws IOException {
    write(pull, to);
    for (int i = 0; i < bounces; i++) {
      waitUntil(System.nanoTime() + 500_000);
      write(pull, from);
      waitUntil(System.nanoTime() + 500_000);
      write(pull, to);
    }
  }

  private static void write(FileChannel pull, ByteBuffer word) throws IOException {
    pull.write(word.duplicate(), 0);
  }

  private static void waitUntil(long nanos) {
    for (long left; (left = nanos - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(left);
    }
  }
}
