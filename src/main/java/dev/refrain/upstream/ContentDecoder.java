package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Head;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.zip.DataFormatException;

/**
 * Decodes an answer that a server has encoded although it was asked not to (RFC 9110 §8.4, §12.5.3;
 * RFC 9112 §7.2). Knows gzip and deflate, also one over the other. Lives on one event loop.
 */
final class ContentDecoder {
  private static final int MOST = 3;

  private final long limit;
  private final Consumer<Buffer> out;
  private final List<Inflation> inflations = new ArrayList<>(1);
  private long decoded;
  private boolean empty = true;

  private ContentDecoder(List<String> codings, long limit, Consumer<Buffer> out) {
    this.limit = limit;
    this.out = out;
    Consumer<Buffer> next = this::decoded;
    for (String coding : codings) { // the first was applied first, so it is undone last
      Inflation inflation = new Inflation(!coding.equals("deflate"), next);
      inflations.add(inflation);
      next = chunk -> feed(inflation, chunk);
    }
    Collections.reverse(inflations);
  }

  /**
   * The codings of an answer, in the order in which they were applied, without those that change
   * nothing or that the connection undoes.
   */
  static List<String> codings(MultiMap headers) {
    List<String> codings = new ArrayList<>(1);
    add(headers.getAll(HttpHeaders.CONTENT_ENCODING), codings);
    add(headers.getAll(HttpHeaders.TRANSFER_ENCODING), codings);
    return codings;
  }

  private static void add(List<String> lines, List<String> codings) {
    for (String line : lines) {
      for (String each : line.split(",")) {
        String coding = each.strip().toLowerCase(Locale.ROOT);
        if (!coding.isEmpty()
            && !HttpHeaderValues.IDENTITY.contentEquals(coding)
            && !HttpHeaderValues.CHUNKED.contentEquals(coding)) {
          codings.add(coding);
        }
      }
    }
  }

  /** Whether all of these can be decoded. */
  static boolean knows(List<String> codings) {
    return codings.size() <= MOST
        && codings.stream()
            .allMatch(one -> one.equals("gzip") || one.equals("x-gzip") || one.equals("deflate"));
  }

  /** Of an answer in other codings. */
  static Failure unknown(List<String> codings) {
    return ExceptionMapper.broken(
        "sent an answer in a coding that was not asked for: " + String.join(", ", codings), null);
  }

  /**
   * A decoder of codings that it knows.
   *
   * @param limit most bytes that one chunk may become
   */
  static ContentDecoder of(List<String> codings, long limit, Consumer<Buffer> out) {
    return new ContentDecoder(codings, limit, out);
  }

  /** The head of an answer once it is decoded, without what was true of the encoded bytes alone. */
  static Head decoded(Head head) {
    Head plain = head.merged();
    plain.headers().remove(HttpHeaders.CONTENT_ENCODING);
    return plain;
  }

  /**
   * Decodes a whole body.
   *
   * @param limit most bytes that it may become
   * @throws dev.refrain.inference.Failure {@code UPSTREAM_BROKEN} when it cannot be decoded
   */
  static Buffer decode(List<String> codings, Buffer body, long limit) {
    if (!knows(codings)) {
      throw unknown(codings);
    }
    Buffer plain = Buffer.buffer();
    ContentDecoder decoder = of(codings, limit, plain::appendBuffer);
    try {
      decoder.feed(body);
      decoder.end();
    } finally {
      decoder.close();
    }
    return plain;
  }

  /**
   * Decodes the next bytes; what comes of them is passed on within this call.
   *
   * @throws dev.refrain.inference.Failure {@code UPSTREAM_BROKEN} when they cannot be decoded, or
   *     become too much
   */
  void feed(Buffer chunk) {
    decoded = 0;
    empty &= chunk.length() == 0;
    feed(inflations.get(0), chunk);
  }

  private void decoded(Buffer piece) {
    decoded += piece.length();
    if (decoded > limit) {
      throw ExceptionMapper.broken(
          "sent more than " + limit + " bytes in one answer, compressed", null);
    }
    out.accept(piece);
  }

  private static void feed(Inflation inflation, Buffer chunk) {
    try {
      inflation.feed(chunk);
    } catch (DataFormatException notOfThisCoding) {
      throw ExceptionMapper.broken("sent an answer that cannot be decompressed", notOfThisCoding);
    }
  }

  /**
   * The body has ended.
   *
   * @throws dev.refrain.inference.Failure {@code UPSTREAM_BROKEN} when its coding has not
   */
  void end() {
    if (!empty && !inflations.stream().allMatch(Inflation::isComplete)) {
      throw ExceptionMapper.broken("ended its compressed answer too early", null);
    }
  }

  /** Frees what is outside the heap. */
  void close() {
    inflations.forEach(Inflation::close);
  }
}
