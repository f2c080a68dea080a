package io.fuseline.stream.admission;

import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import java.util.List;

/** What one instance is asked about the runs and scopes whose state it holds. */
public interface OwnerDesk {
  /**
   * One instance's part of a question.
   *
   * @param run true when it holds the root run's state
   * @param scopes that it holds
   */
  record Part(Ask ask, boolean run, List<ScopeKey> scopes) {}

  /**
   * Changes what an instance has promised.
   *
   * @param amount what the promise is trimmed to, or what was spent of it, pico-units
   */
  record Change(String grantId, What what, long amount) {}

  /** How a promise changes. */
  enum What {
    /** Nothing of it was spent. */
    DROP,
    TRIM,
    GIVE_BACK
  }

  /**
   * @throws StoreUnavailable when the state is not here, or cannot be asked
   */
  Opinion ask(Part part);

  /**
   * @throws StoreUnavailable when the instance cannot be told
   */
  void change(Change change);
}
