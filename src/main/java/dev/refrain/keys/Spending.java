package dev.refrain.keys;

import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * What the upstream calls of one key have cost in the current day and month (UTC), in billionths of
 * the currency. Any thread; lock-free.
 *
 * <p>Processes may count together: each reports what it has charged ({@link #begin}), learns what
 * all have charged ({@link Report#made}), and never forgets what it knew. So whoever has lost its
 * count learns it from the others.
 */
public final class Spending {
  /** Billionths of one unit of the currency. */
  public static final double UNIT = 1e9;

  /** More than any budget, and exact in the arithmetic of Redis to well below a cent. */
  static final long MOST = 1_000_000_000_000_000_000L;

  private static final long DAY_MILLIS = 86_400_000;

  private final LongSupplier millis;
  private final AtomicReference<Sums> sums;

  /**
   * Sums in billionths.
   *
   * @param day days since 1970
   * @param ofDay spent on that day
   * @param ofMonth spent in its month
   * @param newOfDay the part of it that is not reported yet
   * @param newOfMonth likewise
   */
  public record Sums(long day, long ofDay, long ofMonth, long newOfDay, long newOfMonth) {
    private static Sums none(long day) {
      return new Sums(day, 0, 0, 0, 0);
    }

    /** The date (UTC). */
    public LocalDate date() {
      return LocalDate.ofEpochDay(day);
    }

    // A clock that is set back goes on with the day it has.
    private Sums at(long today) {
      if (today <= day) {
        return this;
      }
      boolean sameMonth =
          YearMonth.from(date()).equals(YearMonth.from(LocalDate.ofEpochDay(today)));
      return sameMonth ? new Sums(today, 0, ofMonth, 0, newOfMonth) : none(today);
    }

    private Sums plus(long spent) {
      return new Sums(
          day,
          bounded(ofDay + spent),
          bounded(ofMonth + spent),
          bounded(newOfDay + spent),
          bounded(newOfMonth + spent));
    }

    private Sums atLeast(long knownOfDay, long knownOfMonth) {
      return new Sums(
          day,
          Math.max(ofDay, bounded(knownOfDay)),
          Math.max(ofMonth, bounded(knownOfMonth)),
          newOfDay,
          newOfMonth);
    }

    private Sums reported(Sums report, long allOfDay, long allOfMonth) {
      boolean sameDay = report.day == day;
      long leftOfDay = sameDay ? newOfDay - report.newOfDay : newOfDay;
      long leftOfMonth = newOfMonth - report.newOfMonth;
      return new Sums(day, ofDay, ofMonth, leftOfDay, leftOfMonth)
          .atLeast(sameDay ? allOfDay + leftOfDay : 0, allOfMonth + leftOfMonth);
    }

    private boolean isMonthOf(Sums other) {
      return YearMonth.from(date()).equals(YearMonth.from(other.date()));
    }
  }

  /**
   * Nothing spent.
   *
   * @param millis milliseconds of the epoch
   */
  Spending(LongSupplier millis) {
    this.millis = millis;
    this.sums = new AtomicReference<>(Sums.none(today()));
  }

  private static long bounded(long spent) {
    return Math.max(0, Math.min(spent, MOST));
  }

  private long today() {
    return Math.floorDiv(millis.getAsLong(), DAY_MILLIS);
  }

  /** The sums of now. */
  public Sums sums() {
    Sums known = sums.get();
    return today() <= known.day ? known : change(same -> same);
  }

  private Sums change(UnaryOperator<Sums> change) {
    long today = today();
    return sums.updateAndGet(before -> change.apply(before.at(today)));
  }

  /** Adds what a call has cost, in units of the currency; what no upstream can mean is bounded. */
  void charge(double cost) {
    long spent = bounded(Math.round(cost * UNIT));
    if (spent > 0) {
      change(before -> before.plus(spent));
    }
  }

  /** Adopts what was known before this process began, if it is of this day, or of this month. */
  public void restore(LocalDate date, long ofDay, long ofMonth) {
    Sums then = Sums.none(date.toEpochDay()).atLeast(ofDay, ofMonth);
    change(
        now -> now.isMonthOf(then) ? now.atLeast(now.day == then.day ? ofDay : 0, ofMonth) : now);
  }

  /** Milliseconds of the epoch at which the next day begins, or the next month. */
  public long renews(Period period) {
    LocalDate date = sums().date();
    LocalDate next = period == Period.DAY ? date.plusDays(1) : date.plusMonths(1).withDayOfMonth(1);
    return next.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
  }

  /** Seconds until then, rounded up; at least 1. */
  long waitSeconds(Period period) {
    return Math.max(1, (renews(period) - millis.getAsLong() + 999) / 1000);
  }

  /** What is to be reported now. At most one report at a time. */
  public Report begin() {
    return new Report(sums());
  }

  /** A report on its way. It stays the same, however often it is sent. */
  public final class Report {
    private final Sums told;

    private Report(Sums told) {
      this.told = told;
    }

    /** What it says. */
    public Sums sums() {
      return told;
    }

    /** It was heard, and these are the sums of all processes. */
    public void made(long allOfDay, long allOfMonth) {
      change(now -> now.isMonthOf(told) ? now.reported(told, allOfDay, allOfMonth) : now);
    }
  }

  /** The time that a budget is for. */
  public enum Period {
    /** From midnight to midnight, UTC. */
    DAY,
    /** A calendar month, UTC. */
    MONTH
  }
}
