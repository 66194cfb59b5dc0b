package io.lingtan.archtest.circle;

/** In a circle with the egg. */
public interface Chicken {
  Egg lay();
}
