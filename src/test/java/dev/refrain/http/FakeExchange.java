package dev.refrain.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** A request and its response without a socket: as much of both as the edge uses. */
final class FakeExchange {
  // Unlike the headers of a real request this takes any text.
  final MultiMap sent = MultiMap.caseInsensitiveMultiMap();
  final MultiMap answered = HttpHeaders.headers();
  final HttpServerResponse response = fake(HttpServerResponse.class, this::onResponse);
  final HttpServerRequest request = fake(HttpServerRequest.class, this::onRequest);

  Handler<Buffer> chunk;
  Handler<Throwable> exception;
  Handler<Void> end;
  int status;
  Buffer body;
  boolean continued;
  // What the second and every later write throws, if anything.
  RuntimeException defect;
  final Promise<Void> reset = Promise.promise();
  private int writes;

  FakeExchange(String... namesAndValues) {
    for (int i = 0; i < namesAndValues.length; i += 2) {
      sent.add(namesAndValues[i], namesAndValues[i + 1]);
    }
  }

  private interface Call {
    Object on(String method, Object[] arguments);
  }

  private static <T> T fake(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object result = call.on(method.getName(), arguments);
              return result != null ? result : nothing(self, method);
            }));
  }

  private static Object nothing(Object self, Method method) {
    if (method.getReturnType() == boolean.class) {
      return false;
    }
    return method.getReturnType().isInstance(self) ? self : null;
  }

  @SuppressWarnings("unchecked")
  private Object onRequest(String method, Object[] arguments) {
    switch (method) {
      case "getHeader" -> {
        return sent.get(arguments[0].toString());
      }
      case "headers" -> {
        return sent;
      }
      case "response" -> {
        return response;
      }
      case "isEnded" -> {
        return true;
      }
      case "handler" -> chunk = (Handler<Buffer>) arguments[0];
      case "exceptionHandler" -> exception = (Handler<Throwable>) arguments[0];
      case "endHandler" -> end = (Handler<Void>) arguments[0];
      default -> {}
    }
    return null;
  }

  private Object onResponse(String method, Object[] arguments) {
    switch (method) {
      case "putHeader" -> answered.set(arguments[0].toString(), arguments[1].toString());
      case "headers" -> {
        return answered;
      }
      case "setStatusCode" -> status = (Integer) arguments[0];
      case "writeContinue" -> {
        continued = true;
        return Future.succeededFuture();
      }
      case "end" -> {
        body = (Buffer) arguments[0];
        return Future.succeededFuture();
      }
      case "write" -> {
        if (writes++ > 0 && defect != null) {
          throw defect;
        }
        return Future.succeededFuture();
      }
      case "headWritten" -> {
        return writes > 0;
      }
      case "reset" -> reset.tryComplete();
      case "bytesWritten" -> {
        return 0L;
      }
      case "ended" -> {
        return body != null;
      }
      default -> {}
    }
    return null;
  }

  void play(String... chunks) {
    for (String text : chunks) {
      chunk.handle(Buffer.buffer(text));
    }
    end.handle(null);
  }
}
