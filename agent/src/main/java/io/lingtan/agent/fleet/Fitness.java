package io.lingtan.agent.fleet;

/**
 * How this process does.
 *
 * @param trouble which of its steps do not live, empty if all do
 * @param lines that are open and have a device that has answered, and still does
 */
public record Fitness(String trouble, int lines) {}
