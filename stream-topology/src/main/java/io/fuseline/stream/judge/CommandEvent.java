package io.fuseline.stream.judge;

import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.TargetType;
import java.util.ArrayList;
import java.util.List;

/**
 * What happens to commands, on its way to the watch over them; see {@link CommandWatch}. Events of
 * one target travel under one {@linkplain #target() key} and in order.
 */
public sealed interface CommandEvent {
  /** Key of the target: the same for a command and its answers, whatever key those came with. */
  String target();

  byte[] toBytes();

  static CommandEvent of(Command command) {
    return new Issued(OpenCommand.of(command));
  }

  static CommandEvent of(CommandAck ack) {
    return new Answered(
        key(ack.getTenantId(), ack.getTargetType(), ack.getTarget()),
        ack.getCommandId(),
        ack.getResult(),
        ack.getEpoch(),
        ack.getRuntime(),
        List.copyOf(ack.getRootRunIds()),
        ack.getMessage(),
        Times.micros(ack.getAckedAt()));
  }

  static CommandEvent fromBytes(byte[] bytes) {
    BinaryIn in = BinaryIn.open(bytes, Answered.FORMAT, "A command event");
    return in.raw() == Issued.KIND ? new Issued(OpenCommand.read(in)) : Answered.read(in);
  }

  static String key(String tenant, TargetType type, String target) {
    return tenant + '\u0000' + type + '\u0000' + target;
  }

  /** A command was written. */
  record Issued(OpenCommand command) implements CommandEvent {
    private static final int KIND = 0;

    public String commandId() {
      return command.facts.commandId();
    }

    /** When its answers are due, epoch microseconds. */
    public long deadlineMicros() {
      return command.facts.deadlineMicros();
    }

    @Override
    public String target() {
      return command.target();
    }

    @Override
    public byte[] toBytes() {
      BinaryOut out = new BinaryOut(512);
      out.raw(Answered.FORMAT);
      out.raw(KIND);
      command.write(out);
      return out.toBytes();
    }
  }

  /**
   * A runtime has answered.
   *
   * @param epoch of the copy of the command that was obeyed
   * @param rootRuns whom it concerned in that runtime; empty when it did not say
   * @param message more for a person; may be null
   * @param ackedMicros when the runtime was done, by its clock
   */
  record Answered(
      String target,
      String commandId,
      AckResult result,
      long epoch,
      String runtime,
      List<String> rootRuns,
      String message,
      long ackedMicros)
      implements CommandEvent {
    /** Rises with that of {@link OpenCommand}, which an event may carry. */
    private static final int FORMAT = OpenCommand.FORMAT;

    private static final int KIND = 1;
    private static final AckResult[] RESULTS = AckResult.values();

    @Override
    public byte[] toBytes() {
      BinaryOut out = new BinaryOut(256);
      out.raw(FORMAT);
      out.raw(KIND);
      out.text(target);
      out.text(commandId);
      out.raw(result.ordinal());
      out.zigzag(epoch);
      out.text(runtime);
      out.varint(rootRuns.size());
      rootRuns.forEach(out::text);
      out.text(message);
      out.zigzag(ackedMicros);
      return out.toBytes();
    }

    private static Answered read(BinaryIn in) {
      String target = in.text();
      String commandId = in.text();
      AckResult result = RESULTS[in.raw()];
      long epoch = in.zigzag();
      String runtime = in.text();
      List<String> rootRuns = new ArrayList<>();
      for (int i = in.count(); i > 0; i--) {
        rootRuns.add(in.text());
      }
      return new Answered(
          target, commandId, result, epoch, runtime, rootRuns, in.text(), in.zigzag());
    }
  }
}
