package io.fuseline.stream.judge;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is added to one scope at once: deltas of one cause and minute added up, and what of them
 * cannot be added up, each in the order it came in. The lists are of the AGENT dimension only.
 *
 * @param total the sums; its span is the newest, or the newest without a price where that is what
 *     the scope tells of
 * @param presences when the agent began or ended to work on root runs
 * @param samples calls of tools to learn from
 * @param calls the model calls in the sums
 */
public record DeltaSum(
    Delta total, List<Presence> presences, List<Sample> samples, List<Call> calls) {
  /** Over all versions of a lone delta, which stands in place of a sum without lists. */
  private static final int VERSION = 0x81;

  /** The agent begins or ends to work on a root run. */
  record Presence(Delta.Presence change, String rootRunId, long eventMicros) {}

  /** Calls of one tool by one run in one minute. */
  record Sample(String tool, int calls) {}

  /** A model call and its contracted cost. */
  record Call(ModelUse use, long cost, long eventMicros) {}

  /** A delta that is not added to others. */
  public static DeltaSum of(Delta delta) {
    return new DeltaSum(delta, presences(delta), samples(delta), calls(delta));
  }

  static List<Presence> presences(Delta delta) {
    return delta.presence() == Delta.Presence.UNCHANGED
        ? List.of()
        : List.of(new Presence(delta.presence(), delta.rootRunId(), delta.eventMicros()));
  }

  static List<Sample> samples(Delta delta) {
    return delta.sampleTool() == null
        ? List.of()
        : List.of(new Sample(delta.sampleTool(), delta.sampleCalls()));
  }

  static List<Call> calls(Delta delta) {
    return delta.use() == null
        ? List.of()
        : List.of(new Call(delta.use(), delta.cost(), delta.eventMicros()));
  }

  public byte[] toBytes() {
    byte[] sums = total.toBytes();
    if (presences.isEmpty() && samples.isEmpty() && calls.isEmpty()) {
      return sums;
    }
    BinaryOut out = new BinaryOut(sums.length + 32 * presences.size() + 16 * calls.size() + 16);
    out.raw(VERSION);
    out.varint(sums.length);
    out.bytes(sums);
    out.varint(presences.size());
    for (Presence one : presences) {
      out.raw(one.change().ordinal());
      out.text(one.rootRunId());
      out.varint(one.eventMicros());
    }
    out.varint(samples.size());
    for (Sample one : samples) {
      out.shared(one.tool());
      out.varint(one.calls());
    }
    writeCalls(out);
    return out.toBytes();
  }

  /** Most calls of an agent are of a model that others before them were of. */
  private void writeCalls(BinaryOut out) {
    Map<Long, Integer> variants = new LinkedHashMap<>();
    out.varint(calls.size());
    for (Call call : calls) {
      Integer known = variants.putIfAbsent(call.use().variant(), variants.size());
      if (known == null) {
        out.varint(0);
        out.fixed(call.use().variant());
        out.text(call.use().model());
        out.text(call.use().agentVersion());
      } else {
        out.varint(known + 1L);
      }
      out.varint(call.use().weightedTokens());
      out.zigzag(call.cost());
      out.zigzag(total.eventMicros() - call.eventMicros());
    }
  }

  public static DeltaSum fromBytes(byte[] bytes) {
    if ((bytes[0] & 0xFF) < VERSION) {
      return of(Delta.fromBytes(bytes));
    }
    BinaryIn in = BinaryIn.open(bytes, VERSION, "A sum of deltas");
    Delta total = Delta.fromBytes(in.bytes(in.count()));
    List<Presence> presences = new ArrayList<>();
    for (int i = in.count(); i > 0; i--) {
      presences.add(new Presence(Delta.presence(in.raw()), in.text(), in.varint()));
    }
    List<Sample> samples = new ArrayList<>();
    for (int i = in.count(); i > 0; i--) {
      samples.add(new Sample(in.shared(), in.count()));
    }
    return new DeltaSum(total, presences, samples, readCalls(in, total.eventMicros()));
  }

  private static List<Call> readCalls(BinaryIn in, long eventMicros) {
    int count = in.count();
    List<Call> calls = new ArrayList<>(count);
    List<ModelUse> variants = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int which = in.count();
      if (which == 0) {
        variants.add(new ModelUse(in.fixed(), in.text(), in.text(), 0));
        which = variants.size();
      }
      ModelUse variant = variants.get(which - 1);
      ModelUse use =
          new ModelUse(variant.variant(), variant.model(), variant.agentVersion(), in.varint());
      calls.add(new Call(use, in.zigzag(), eventMicros - in.zigzag()));
    }
    return calls;
  }
}
