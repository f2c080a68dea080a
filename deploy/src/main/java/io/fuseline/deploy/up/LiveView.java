package io.fuseline.deploy.up;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Shows the moment: a screen that is redrawn on a terminal, lines elsewhere. */
abstract class LiveView implements AutoCloseable {
  final PrintWriter out;

  LiveView(PrintWriter out) {
    this.out = out;
  }

  static LiveView on(PrintWriter out, boolean terminal) {
    return terminal ? new Screen(out) : new Lines(out);
  }

  abstract void show(LiveText.Moment now);

  @Override
  public abstract void close();

  /** A line every few seconds, and one for each new command. */
  private static final class Lines extends LiveView {
    private static final long EVERY_SECONDS = 5;

    private final Set<String> commandsShown = new HashSet<>();
    private long nextAt = EVERY_SECONDS;

    Lines(PrintWriter out) {
      super(out);
    }

    @Override
    void show(LiveText.Moment now) {
      for (Sighting seen : now.seen().commands()) {
        if (commandsShown.add(seen.command().getCommandId())) {
          out.println(LiveText.line(seen));
        }
      }
      if (now.live().toSeconds() >= nextAt) {
        nextAt = now.live().toSeconds() / EVERY_SECONDS * EVERY_SECONDS + EVERY_SECONDS;
        out.println(LiveText.line(now));
      }
      out.flush();
    }

    @Override
    public void close() {}
  }

  /** The second screen of the terminal, so that what was there before comes back at the end. */
  private static final class Screen extends LiveView {
    private static final String ENTER = "\u001b[?1049h\u001b[?25l";
    private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String CLEAR_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    /** The size may change while we draw; asking costs a process. */
    private static final int DRAWINGS_PER_LOOK = 10;

    private boolean open;
    private int drawings;
    private int columns = 100;
    private int rows = 30;

    Screen(PrintWriter out) {
      super(out);
    }

    @Override
    void show(LiveText.Moment now) {
      if (drawings++ % DRAWINGS_PER_LOOK == 0) {
        look();
      }
      StringBuilder drawing = new StringBuilder(open ? "" : ENTER).append(HOME);
      open = true;
      List<String> lines = LiveText.screen(now, columns, rows);
      for (String line : lines.subList(0, Math.min(rows - 1, lines.size()))) {
        drawing.append(line).append(CLEAR_LINE).append("\r\n");
      }
      out.print(drawing.append(CLEAR_BELOW));
      out.flush();
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        out.print(LEAVE);
        out.flush();
      }
    }

    /** Asks the terminal for its size; where nobody can say, it stays as it was taken for. */
    private void look() {
      try {
        Process stty =
            new ProcessBuilder("stty", "size")
                .redirectInput(new File("/dev/tty"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String answer =
            new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim();
        if (stty.waitFor(1, TimeUnit.SECONDS) && answer.matches("[1-9]\\d{0,3} [1-9]\\d{0,3}")) {
          rows = Integer.parseInt(answer.substring(0, answer.indexOf(' ')));
          columns = Integer.parseInt(answer.substring(answer.indexOf(' ') + 1));
        }
      } catch (IOException e) {
        // No such program, or no terminal: see above.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
