package dev.refrain.cli;

import dev.refrain.cache.EntryFilter;
import dev.refrain.cache.EntryLine;
import dev.refrain.cache.disk.DiskFolder;
import dev.refrain.cache.disk.OwnerLock;
import dev.refrain.config.Config;
import dev.refrain.config.ConfigError;
import dev.refrain.config.ConfigLoader;
import dev.refrain.inference.Entry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code cache}: the group of commands about what is stored. Those that stand here look into the
 * folder of {@code cache.disk}, and change it.
 */
@Command(
    name = "cache",
    description = "Looks into the cache.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done",
      "1:something is damaged, or the folder cannot be used",
      "2:the command line or the configuration is wrong, or a process uses the folder"
    })
final class CacheCommand {
  private static final int BATCH = 100;

  private final Map<String, String> env;

  @Spec private CommandSpec spec;

  private CacheCommand(Map<String, String> env) {
    this.env = env;
  }

  /** The group with its commands. */
  static CommandLine commandLine(Map<String, String> env) {
    return new CommandLine(new CacheCommand(env)).addSubcommand(new ExplainCommand(env));
  }

  /** The folder. */
  static final class Where {
    @Option(names = "--path", paramLabel = "DIR", description = "The folder (cache.disk.path).")
    private Path path;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "The configuration that names it.")
    private Path file;
  }

  /** The entries. */
  static final class Which {
    private static final Pattern AGE = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    @Option(names = "--model", paramLabel = "GLOB", description = "Of these models.")
    private String model = "";

    @Option(
        names = "--endpoint",
        paramLabel = "NAME",
        description = "Of this endpoint: completions, chat or embeddings.")
    private String endpoint = "";

    @Option(names = "--namespace", paramLabel = "NAME", description = "Of this namespace.")
    private String namespace = "";

    @Option(
        names = "--older-than",
        paramLabel = "TIME",
        description = "Asked for longer ago than this, such as 12h or 7d.")
    private String age = "";

    EntryFilter filter() {
      return new EntryFilter(model, endpoint, namespace, before());
    }

    boolean isAll() {
      return filter().equals(EntryFilter.ALL);
    }

    private long before() {
      if (age.isEmpty()) {
        return Long.MAX_VALUE;
      }
      Matcher written = AGE.matcher(age);
      if (!written.matches()) {
        throw new ConfigError("--older-than: " + age + " (expected: a duration such as 12h or 7d)");
      }
      long number = Long.parseLong(written.group(1));
      Duration since =
          switch (written.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          };
      return System.currentTimeMillis() - since.toMillis();
    }
  }

  @Command(name = "ls", description = "Lists the entries.")
  int ls(
      @Mixin Where where,
      @Mixin Which which,
      @Option(names = "--json", description = "One JSON object a line.") boolean json) {
    EntryTable table = new EntryTable(out(), json, System.currentTimeMillis());
    return reading(where, folder -> done(() -> folder.list(which.filter(), table::row)));
  }

  @Command(name = "stats", description = "Counts them by endpoint, model and namespace.")
  int stats(
      @Mixin Where where,
      @Mixin Which which,
      @Option(names = "--json", description = "One JSON object a line.") boolean json) {
    Map<List<String>, long[]> groups = new TreeMap<>(EntryTable.BY_NAME);
    return reading(
        where,
        folder ->
            done(
                () -> {
                  folder.list(which.filter(), each -> EntryTable.count(groups, each));
                  EntryTable.stats(out(), json, groups);
                }));
  }

  @Command(name = "rm", description = "Removes entries; no process may use the folder.")
  int rm(
      @Mixin Where where,
      @Mixin Which which,
      @Option(names = "--all", description = "Remove every entry.") boolean all) {
    if (which.isAll() != all) {
      throw new ConfigError("cache rm: expected: a filter, or --all");
    }
    return owning(
        where, folder -> done(() -> out().println(folder.remove(which.filter()) + " removed")));
  }

  @Command(name = "export", description = "Writes entries as lines of JSON.")
  int export(
      @Mixin Where where,
      @Mixin Which which,
      @Option(names = "--to", paramLabel = "FILE", description = "Default: standard output.")
          Path to)
      throws IOException {
    try (Writer lines = to == null ? null : Files.newBufferedWriter(to)) {
      PrintWriter into = lines == null ? out() : new PrintWriter(lines);
      int status =
          reading(
              where,
              folder ->
                  done(
                      () -> {
                        line(into, EntryLine.HEADER);
                        folder.entries(which.filter(), each -> line(into, EntryLine.write(each)));
                      }));
      into.flush();
      if (into.checkError()) {
        throw new ConfigError("--to: " + to + ": not all could be written");
      }
      return status;
    }
  }

  private static void line(PrintWriter into, String line) {
    into.print(line);
    into.print('\n');
  }

  @Command(name = "import", description = "Reads what export has written.")
  int load(
      @Mixin Where where,
      @Mixin Which which,
      @Option(names = "--from", paramLabel = "FILE", description = "Default: standard input.")
          Path from)
      throws IOException {
    try (BufferedReader lines =
        from == null
            ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
            : Files.newBufferedReader(from)) {
      if (!EntryLine.HEADER.equals(lines.readLine())) {
        throw new ConfigError("--from: not what cache export writes");
      }
      return owning(where, folder -> load(folder, lines, which.filter()));
    }
  }

  private int load(DiskFolder folder, BufferedReader lines, EntryFilter filter) {
    long ttl = Duration.ofHours(24).toMillis();
    List<Entry> batch = new ArrayList<>();
    int stored = 0;
    int number = 1;
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        Entry entry = EntryLine.read(line);
        if (filter.selects(entry.model(), entry.endpoint(), entry.namespace(), entry.storedAt())) {
          batch.add(entry);
          stored++;
        }
        if (batch.size() == BATCH) {
          folder.add(batch, ttl);
          batch.clear();
        }
      }
    } catch (IOException | IllegalArgumentException malformed) {
      throw new ConfigError("--from: line " + number + ": no entry");
    }
    folder.add(batch, ttl);
    out().println(stored + " stored");
    return ExitCode.OK;
  }

  @Command(name = "verify", description = "Names each damaged entry.")
  int verify(@Mixin Where where) {
    List<String> damaged = new ArrayList<>();
    return reading(
        where,
        folder -> {
          folder.verify(damaged::add);
          damaged.forEach(out()::println);
          out().println(damaged.size() + " damaged");
          return damaged.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
        });
  }

  private static int done(Runnable work) {
    work.run();
    return ExitCode.OK;
  }

  private int reading(Where where, Function<DiskFolder, Integer> work) {
    return with(() -> DiskFolder.reading(path(where)), work);
  }

  private int owning(Where where, Function<DiskFolder, Integer> work) {
    return with(() -> DiskFolder.owning(path(where)), work);
  }

  private interface Opening {
    DiskFolder open();
  }

  private int with(Opening opening, Function<DiskFolder, Integer> work) {
    try (DiskFolder folder = opening.open()) {
      int status = work.apply(folder);
      out().flush();
      return status;
    } catch (OwnerLock.InUse taken) {
      throw new ConfigError(taken.getMessage() + "; stop it first");
    } catch (DiskFolder.Unusable unusable) {
      spec.commandLine().getErr().println("refrain: " + unusable.getMessage());
      return ExitCode.SOFTWARE;
    }
  }

  private Path path(Where where) {
    if (where.path != null) {
      return where.path;
    }
    Config config = ConfigLoader.load(Optional.ofNullable(where.file), env);
    if (!config.cache().disk().enabled()) {
      throw new ConfigError("cache.disk.path: empty (expected: a folder, or --path DIR)");
    }
    return Path.of(config.cache().disk().path());
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
