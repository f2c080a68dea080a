package io.fuseline.enrichment.price;

/** How the provider of the price row was chosen. */
public enum ProviderRule {
  /** The provider the span names. */
  OWN,
  /** The provider that the model name starts with, the span naming none. */
  FROM_NAME,
  /** A row that holds for any provider ({@code *}). */
  ANY,
  /** The only provider in the book that has the name, the span naming none. */
  SOLE,
  /** The maker of the model, the span naming none and several providers having it. */
  MAKER,
  /** No row was found. */
  NONE
}
