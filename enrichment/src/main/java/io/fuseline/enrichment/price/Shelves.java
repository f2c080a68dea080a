package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceEntry;

/** The catalogues of a book, one for each kind of thing that has a price. */
record Shelves(Catalogue models, Catalogue tools, Catalogue humans, Catalogue currencies) {

  static Shelves empty(String bookCurrency) {
    return new Shelves(
        new Catalogue(bookCurrency),
        new Catalogue(bookCurrency),
        new Catalogue(bookCurrency),
        new Catalogue(bookCurrency));
  }

  Catalogue of(PriceEntry entry) {
    return switch (entry.getKind()) {
      case TOOL -> tools;
      case HUMAN -> humans;
      case CURRENCY -> currencies;
      case MODEL, OTHER -> models;
    };
  }
}
