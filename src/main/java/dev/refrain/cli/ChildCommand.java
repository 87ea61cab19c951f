package dev.refrain.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A command of the user's that runs beside this process, with its input and output. The signals
 * that this process gets are passed on, and it ends with the command.
 */
final class ChildCommand {
  private static final int NOT_FOUND = 127; // as a shell has it
  private static final int NOT_EXECUTABLE = 126;

  private final List<String> command;
  private final Map<String, String> environment;

  /** A command that was not found, or may not be run; {@code status} is that of a shell. */
  static final class NotRun extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;

    private NotRun(String message, int status) {
      super(message, null, false, false);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  /**
   * A command.
   *
   * @param environment variables set beside those of this process
   */
  ChildCommand(List<String> command, Map<String, String> environment) {
    this.command = List.copyOf(command);
    this.environment = environment;
  }

  /** Runs it to its end; its status, 128 and more if a signal ended it. */
  int run() throws NotRun, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().putAll(environment);
    // Before it starts, for it may have one sent as the first thing that it does.
    CompletableFuture<Process> started = new CompletableFuture<>();
    for (String name : List.of("INT", "TERM", "HUP")) {
      AtomicInteger times = new AtomicInteger();
      Signals.on(
          name,
          () -> started.thenAccept(process -> forward(name, times.incrementAndGet(), process)));
    }
    Process process = start(builder);
    started.complete(process);
    return process.waitFor();
  }

  private Process start(ProcessBuilder builder) throws NotRun {
    try {
      return builder.start();
    } catch (IOException refused) {
      boolean denied = String.valueOf(refused.getMessage()).contains("error=13");
      throw new NotRun(
          command.get(0) + (denied ? ": permission denied" : ": command not found"),
          denied ? NOT_EXECUTABLE : NOT_FOUND);
    }
  }

  // Java itself sends no other signal than TERM and KILL.
  private static void forward(String name, int times, Process process) {
    if (name.equals("INT") && isFromTerminal()) {
      return; // which sent it to the command, too
    }
    if (name.equals("TERM") && times > 1) {
      process.destroyForcibly();
      return;
    }
    List<String> kill = new ArrayList<>(List.of("/bin/sh", "-c", "kill -\"$0\" \"$1\"", name));
    kill.add(Long.toString(process.pid()));
    try {
      new ProcessBuilder(kill).start();
    } catch (IOException noShell) {
      process.destroy();
    }
  }

  /** Whether Ctrl-C reaches this process and its command alike: they are in the foreground. */
  private static boolean isFromTerminal() {
    try {
      String stat = Files.readString(Path.of("/proc/self/stat"));
      // Behind the name: state, parent, group, session, terminal, its foreground group (proc(5)).
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return fields[2].equals(fields[5]);
    } catch (IOException | RuntimeException otherSystem) {
      return System.console() != null;
    }
  }
}
