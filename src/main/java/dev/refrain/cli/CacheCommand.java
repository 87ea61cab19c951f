package dev.refrain.cli;

import dev.refrain.cache.ImportTally;
import dev.refrain.cache.disk.DiskFolder;
import dev.refrain.cache.disk.OwnerLock;
import dev.refrain.config.ConfigError;
import dev.refrain.inference.EntryFilter;
import io.vertx.core.json.JsonObject;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
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
 * {@code cache}: the group of commands about what is stored. Those that stand here look into a
 * folder of {@code cache.disk}, a Redis or a running instance, and change it.
 */
@Command(
    name = "cache",
    description = "Looks into the cache.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done",
      "1:something is damaged, or the place of the entries cannot be used",
      "2:the command line or the configuration is wrong, or a process uses the folder"
    })
final class CacheCommand {
  private static final int BUFFER = 64 * 1024;

  private final Map<String, String> env;

  @Spec private CommandSpec spec;

  private CacheCommand(Map<String, String> env) {
    this.env = env;
  }

  /** The group with its commands. */
  static CommandLine commandLine(Map<String, String> env) {
    return new CommandLine(new CacheCommand(env)).addSubcommand(new ExplainCommand(env));
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
      @Mixin EntryStoreOptions where,
      @Mixin Which which,
      @Option(names = "--json", description = "One JSON object a line.") boolean json) {
    EntryTable table = new EntryTable(out(), json, System.currentTimeMillis());
    return with(where, false, store -> store.list(which.filter(), table::row));
  }

  @Command(name = "stats", description = "Counts them by endpoint, model and namespace.")
  int stats(
      @Mixin EntryStoreOptions where,
      @Mixin Which which,
      @Option(names = "--json", description = "One JSON object a line.") boolean json) {
    Map<List<String>, long[]> groups = new TreeMap<>(EntryTable.BY_NAME);
    return with(
        where,
        false,
        store -> {
          store.list(which.filter(), each -> EntryTable.count(groups, each));
          EntryTable.stats(out(), json, groups);
        });
  }

  @Command(name = "rm", description = "Removes entries; no process may use the folder.")
  int rm(
      @Mixin EntryStoreOptions where,
      @Mixin Which which,
      @Option(names = "--all", description = "Remove every entry.") boolean all) {
    if (which.isAll() != all) {
      throw new ConfigError("cache rm: expected: a filter, or --all");
    }
    return with(where, true, store -> out().println(store.remove(which.filter())));
  }

  @Command(name = "export", description = "Writes entries as lines of JSON.")
  int export(
      @Mixin EntryStoreOptions where,
      @Mixin Which which,
      @Option(names = "--to", paramLabel = "FILE", description = "Default: standard output.")
          Path to) {
    return with(where, false, store -> export(store, which.filter(), to));
  }

  // Bytes, because the encoding of a terminal may not know all characters.
  private void export(EntryStore store, EntryFilter filter, Path to) {
    try (OutputStream into =
        new BufferedOutputStream(
            to == null ? new FileOutputStream(FileDescriptor.out) : Files.newOutputStream(to),
            BUFFER)) {
      store.export(filter, into);
    } catch (IOException full) {
      throw new EntryStore.Unusable(
          (to == null ? "standard output" : "--to: " + to) + ": not all could be written");
    }
  }

  @Command(name = "import", description = "Stores what export has written.")
  int load(
      @Mixin EntryStoreOptions where,
      @Mixin Which which,
      @Option(names = "--from", paramLabel = "FILE", description = "Default: standard input.")
          Path from) {
    return with(
        where, true, store -> out().println(ImportTally.text(load(store, which.filter(), from))));
  }

  private static JsonObject load(EntryStore store, EntryFilter filter, Path from) {
    try (InputStream lines = from == null ? System.in : Files.newInputStream(from)) {
      return store.load(lines, filter);
    } catch (IllegalArgumentException malformed) {
      throw new ConfigError("--from: " + malformed.getMessage());
    } catch (IOException unreadable) {
      throw new ConfigError("--from: the file cannot be read");
    }
  }

  @Command(name = "verify", description = "Names each damaged entry.")
  int verify(@Mixin EntryStoreOptions where) {
    List<String> damaged = new ArrayList<>();
    int status =
        with(
            where,
            false,
            store -> {
              store.verify(damaged::add);
              damaged.forEach(out()::println);
              out().println(damaged.size() + " damaged");
            });
    return damaged.isEmpty() ? status : ExitCode.SOFTWARE;
  }

  private int with(EntryStoreOptions where, boolean changing, Consumer<EntryStore> work) {
    try (EntryStore store = where.open(env, changing)) {
      work.accept(store);
      out().flush();
      return ExitCode.OK;
    } catch (OwnerLock.InUse taken) {
      throw new ConfigError(taken.getMessage() + "; stop it first, or use --url");
    } catch (EntryStore.Unusable | DiskFolder.Unusable unusable) {
      out().flush();
      spec.commandLine().getErr().println("refrain: " + unusable.getMessage());
      return ExitCode.SOFTWARE;
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
