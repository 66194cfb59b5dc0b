package io.lingtan.archtest.clocks;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Timer;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** Each method does one thing that belongs to {@code run}. */
public final class Ambient {
  private Ambient() {}

  static Object instant() {
    return Instant.now();
  }

  static Object localDate() {
    return LocalDate.now();
  }

  static Object dateTime() {
    return ZonedDateTime.now(ZoneOffset.UTC);
  }

  static Object clock() {
    return Clock.systemUTC();
  }

  static long nanoTime() {
    return System.nanoTime();
  }

  static long millis() {
    return System.currentTimeMillis();
  }

  static Object date() {
    return new Date();
  }

  static Object calendar() {
    return Calendar.getInstance(Locale.ROOT);
  }

  static Supplier<Instant> reference() {
    return Instant::now;
  }

  static Object lambda() {
    return (Supplier<Instant>) () -> Instant.now();
  }

  static Object thread() {
    return new Thread(() -> {});
  }

  static Object virtualThread() {
    return Thread.ofVirtual();
  }

  static Object startedThread() {
    return Thread.startVirtualThread(() -> {});
  }

  static Object executor() {
    return Executors.newVirtualThreadPerTaskExecutor();
  }

  static Object pool() {
    return new ForkJoinPool();
  }

  static Object future() {
    return CompletableFuture.supplyAsync(() -> 1);
  }

  static Object timer() {
    return new Timer();
  }

  static Object parallel() {
    return List.of(1).parallelStream();
  }

  static Object random() {
    return new Random(1);
  }

  static Object secureRandom() {
    return new SecureRandom();
  }

  static double mathRandom() {
    return Math.random();
  }

  static Object uuid() {
    return UUID.randomUUID();
  }

  static Object localRandom() {
    return ThreadLocalRandom.current();
  }

  static void sleep() throws InterruptedException {
    Thread.sleep(1);
  }

  static void start(Thread thread) {
    thread.start();
  }
}
