package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import java.util.List;

/** Makes price entries. */
final class PriceEntries {

  private PriceEntries() {}

  /** An entry without conditions, priced per unit, to be filled in. */
  static PriceEntry blank() {
    PriceEntry entry = new PriceEntry();
    entry.setAliases(List.of());
    entry.setServiceTier(Tiers.STANDARD);
    entry.setSource("");
    entry.setBasis(PriceBasis.PER_UNIT);
    entry.setBandUnit("");
    return entry;
  }

  /** The same entry once more; unlike a builder it takes one that is not complete yet. */
  static PriceEntry copy(PriceEntry entry) {
    PriceEntry copy = new PriceEntry();
    for (int field = 0; field < PriceEntry.getClassSchema().getFields().size(); field++) {
      if (entry.get(field) != null) {
        copy.put(field, entry.get(field));
      }
    }
    return copy;
  }
}
