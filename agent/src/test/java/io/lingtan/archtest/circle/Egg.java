package io.lingtan.archtest.circle;

/** In a circle with the chicken. */
public interface Egg {
  Chicken hatch();
}
