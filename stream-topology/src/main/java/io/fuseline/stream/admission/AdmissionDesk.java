package io.fuseline.stream.admission;

import io.fuseline.stream.query.CostQueries.StoreUnavailable;

/** Where a caller asks, whichever instances have to be asked in turn. */
public interface AdmissionDesk {
  /**
   * Decides about a call.
   *
   * @throws StoreUnavailable when an instance that has a say cannot be asked
   */
  Opinion ask(Ask ask);

  /**
   * Gives a lease back before its end.
   *
   * @param ask whose lease it is, with {@link Ask#returned()} and {@link Ask#used()}
   * @throws StoreUnavailable when an instance that has to know cannot be told
   */
  void giveBack(Ask ask);
}
