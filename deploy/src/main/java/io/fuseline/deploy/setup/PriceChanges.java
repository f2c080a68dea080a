package io.fuseline.deploy.setup;

import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a new price list changes. Prices are compared by what they are for (kind, provider, sku,
 * unit and all conditions), not by their ids: an id carries the day from which a price holds, and a
 * list read again on another day does not change what has the same price.
 *
 * @param added prices for what had none at that time
 * @param changed prices that differ from the one in force at that time
 * @param removed prices in force that came from the same list, which no longer has them
 * @param unchanged number of prices of the new list that are in force already
 */
public record PriceChanges(
    List<PriceEntry> added, List<Change> changed, List<PriceEntry> removed, int unchanged) {
  /** A price before and after. */
  public record Change(PriceEntry before, PriceEntry after) {}

  /** Copies the lists. */
  public PriceChanges {
    added = List.copyOf(added);
    changed = List.copyOf(changed);
    removed = List.copyOf(removed);
  }

  /**
   * Compares.
   *
   * @param current every price there is, of any time
   * @param proposed the new list
   * @param at when prices the new list no longer has would end
   */
  public static PriceChanges between(
      Collection<PriceEntry> current, Collection<PriceEntry> proposed, Instant at) {
    Map<String, PriceEntry> byId =
        current.stream()
            .collect(
                Collectors.toMap(PriceEntry::getPriceId, price -> price, (one, other) -> other));
    Map<Slot, List<PriceEntry>> bySlot =
        current.stream()
            .collect(Collectors.groupingBy(Slot::of, LinkedHashMap::new, Collectors.toList()));
    List<PriceEntry> added = new ArrayList<>();
    List<Change> changed = new ArrayList<>();
    int unchanged = 0;
    for (PriceEntry price : proposed) {
      Optional<PriceEntry> before =
          Optional.ofNullable(byId.get(price.getPriceId()))
              .or(
                  () ->
                      inForce(
                          bySlot.getOrDefault(Slot.of(price), List.of()), price.getValidFrom()));
      if (before.isEmpty()) {
        added.add(price);
      } else if (sameTerms(before.get(), price)) {
        unchanged++;
      } else {
        changed.add(new Change(before.get(), price));
      }
    }
    return new PriceChanges(added, changed, removed(bySlot, proposed, at), unchanged);
  }

  /** Whether there is nothing to write. */
  public boolean isEmpty() {
    return added.isEmpty() && changed.isEmpty() && removed.isEmpty();
  }

  /**
   * The records to write, by key.
   *
   * @param now when they become known to us
   * @param endRemoved also end the removed prices, at {@code end}: they stay on record for spans
   *     from before
   */
  public Map<String, PriceEntry> records(Instant now, boolean endRemoved, Instant end) {
    Map<String, PriceEntry> records = new LinkedHashMap<>();
    added.forEach(price -> records.put(price.getPriceId(), known(price, now)));
    changed.forEach(change -> records.put(change.after().getPriceId(), known(change.after(), now)));
    if (endRemoved) {
      removed.forEach(
          price ->
              records.put(
                  price.getPriceId(), PriceEntry.newBuilder(price).setValidTo(end).build()));
    }
    return records;
  }

  private static List<PriceEntry> removed(
      Map<Slot, List<PriceEntry>> bySlot, Collection<PriceEntry> proposed, Instant at) {
    Set<String> lists = proposed.stream().map(PriceChanges::listOf).collect(Collectors.toSet());
    Set<Slot> kept = proposed.stream().map(Slot::of).collect(Collectors.toCollection(HashSet::new));
    List<PriceEntry> removed = new ArrayList<>();
    bySlot.forEach(
        (slot, prices) -> {
          if (!kept.contains(slot)) {
            inForce(prices, at)
                .filter(price -> lists.contains(listOf(price)))
                .ifPresent(removed::add);
          }
        });
    return removed;
  }

  /** Whether the price holds at the time. */
  static boolean holds(PriceEntry price, Instant at) {
    return !price.getValidFrom().isAfter(at)
        && (price.getValidTo() == null || price.getValidTo().isAfter(at));
  }

  private static Optional<PriceEntry> inForce(List<PriceEntry> prices, Instant at) {
    return prices.stream()
        .filter(price -> holds(price, at))
        .max(Comparator.comparing(PriceEntry::getValidFrom));
  }

  private static boolean sameTerms(PriceEntry one, PriceEntry other) {
    return one.getPrice().compareTo(other.getPrice()) == 0
        && one.getCurrency().equals(other.getCurrency())
        && new HashSet<>(one.getAliases()).equals(new HashSet<>(other.getAliases()))
        && Objects.equals(one.getCapacity(), other.getCapacity())
        && Objects.equals(one.getValidTo(), other.getValidTo());
  }

  /** The source without the day it was read. */
  static String listOf(PriceEntry price) {
    String dated = ", " + price.getSourceDate();
    return price.getSource().endsWith(dated)
        ? price.getSource().substring(0, price.getSource().length() - dated.length())
        : price.getSource();
  }

  private static PriceEntry known(PriceEntry price, Instant now) {
    return price.getKnownSince() != null
        ? price
        : PriceEntry.newBuilder(price).setKnownSince(now).build();
  }

  /** What a price is for: everything in its id but the time from which it holds. */
  private record Slot(
      PriceKind kind,
      PriceBasis basis,
      String provider,
      String sku,
      String unit,
      String tier,
      String region,
      String tenant,
      String bandUnit,
      long bandFrom,
      Integer dailyFrom,
      Integer dailyTo) {
    static Slot of(PriceEntry price) {
      return new Slot(
          price.getKind(),
          price.getBasis(),
          price.getProvider(),
          price.getSku(),
          price.getUnit(),
          price.getServiceTier(),
          price.getRegion(),
          price.getTenantId(),
          price.getBandUnit(),
          price.getBandFrom(),
          price.getDailyFromMinute(),
          price.getDailyToMinute());
    }
  }
}
