package io.fuseline.stream.judge;

/** Where the ledger's cells are kept. */
public interface CellBook {
  /** The cell, or null when nothing was booked in its window yet. */
  Cell get(CellKey key);

  /** Keeps the cell after an amount was booked in it. */
  void put(CellKey key, Cell cell);
}
