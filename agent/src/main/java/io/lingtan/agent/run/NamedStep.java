package io.lingtan.agent.run;

/** A step of a fixed name that waits until somebody wakes it or its time has come. */
public abstract class NamedStep implements Step {

  protected final Waiter waiter = Waiter.parking();
  private final String name;

  protected NamedStep(String name) {
    this.name = name;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final Waiter waiter() {
    return waiter;
  }
}
