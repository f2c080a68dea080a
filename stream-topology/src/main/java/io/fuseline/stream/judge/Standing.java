package io.fuseline.stream.judge;

import java.util.List;

/** What one target's state has to say to a call: budgets that hold, and what it was told. */
public record Standing(List<Limit> limits, List<Order> orders) {}
