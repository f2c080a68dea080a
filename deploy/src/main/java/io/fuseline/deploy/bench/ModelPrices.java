package io.fuseline.deploy.bench;

import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.SpanKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Prices of one model as the programs know them that the pipeline is compared with: the list as it
 * is now, by unit. No validity, no tier, no contract, no fallback.
 *
 * @param picoByUnit 10^-12 USD for one unit, by the name the unit has in a span's usage
 */
record ModelPrices(Map<String, Long> picoByUnit) {
  static final Serde<ModelPrices> SERDE =
      Serdes.serdeFrom(
          (topic, prices) -> prices == null ? null : prices.toBytes(),
          (topic, bytes) -> bytes == null ? null : ofBytes(bytes));

  private static final int PICO_DIGITS = 12;

  ModelPrices {
    picoByUnit = Map.copyOf(picoByUnit);
  }

  /** The default list's models by {@link #key}. */
  static Map<String, ModelPrices> defaults() {
    Map<String, Map<String, Long>> byModel = new LinkedHashMap<>();
    for (PriceEntry entry : DefaultPrices.load()) {
      if (entry.getKind() == PriceKind.MODEL) {
        byModel
            .computeIfAbsent(entry.getProvider() + "/" + entry.getSku(), key -> new HashMap<>())
            .put(
                entry.getUnit(),
                entry
                    .getPrice()
                    .movePointRight(PICO_DIGITS)
                    .setScale(0, RoundingMode.UNNECESSARY)
                    .longValueExact());
      }
    }
    Map<String, ModelPrices> models = new LinkedHashMap<>();
    byModel.forEach((key, prices) -> models.put(key, new ModelPrices(prices)));
    return models;
  }

  /** Of the model that answered; a tool call has none. */
  static String key(AgentSpan span) {
    return span.getProvider() + "/" + span.getResponseModel();
  }

  /**
   * What one span costs.
   *
   * @param prices of its model; null: it has no price, as the tools of the bench
   */
  static Spend spend(AgentSpan span, ModelPrices prices) {
    long cost = 0;
    long tokens = 0;
    for (Map.Entry<String, Long> used : span.getUsage().entrySet()) {
      long count = used.getValue();
      tokens += count;
      if (prices != null) {
        cost =
            Math.addExact(
                cost, Math.multiplyExact(count, prices.picoByUnit.getOrDefault(used.getKey(), 0L)));
      }
    }
    return new Spend(
        cost,
        tokens,
        1,
        span.getKind() == SpanKind.LLM ? 1 : 0,
        span.getKind() == SpanKind.TOOL ? 1 : 0);
  }

  private byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(picoByUnit.size());
      for (Map.Entry<String, Long> price : picoByUnit.entrySet()) {
        out.writeUTF(price.getKey());
        out.writeLong(price.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static ModelPrices ofBytes(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      Map<String, Long> prices = new HashMap<>();
      for (int left = in.readByte(); left > 0; left--) {
        String unit = in.readUTF();
        prices.put(unit, in.readLong());
      }
      return new ModelPrices(prices);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
