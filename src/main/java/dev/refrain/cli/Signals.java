package dev.refrain.cli;

import java.lang.reflect.Proxy;

/**
 * Signal handlers of the process. By reflection: the platform's only API for signals is one that
 * the compiler warns of ({@code sun.misc.Signal}, in {@code jdk.unsupported}).
 */
final class Signals {
  private Signals() {}

  /**
   * Runs this on a thread of its own whenever the signal comes, in the place of what the JVM does.
   *
   * @param name without SIG
   * @return false where there is no such signal: not everywhere, nor in a JVM under {@code -Xrs}
   */
  static boolean on(String name, Runnable told) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      signal
          .getMethod("handle", signal, handler)
          .invoke(
              null, signal.getConstructor(String.class).newInstance(name), running(handler, told));
      return true;
    } catch (ReflectiveOperationException unknown) {
      return false;
    }
  }

  private static Object running(Class<?> handler, Runnable told) {
    return Proxy.newProxyInstance(
        handler.getClassLoader(),
        new Class<?>[] {handler},
        (proxy, method, arguments) -> {
          if (method.getDeclaringClass() == Object.class) {
            return method.invoke(told, arguments);
          }
          told.run();
          return null;
        });
  }
}
