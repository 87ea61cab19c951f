// The two servers, the calls, and the table of what was seen.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const LINE = 60_000;
const END = 30_000;
const folder = mkdtempSync(join(tmpdir(), "refrain-page-"));
const running = new Set();

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** A process; it is there when it says a line that matches. */
export async function start(command, args, said) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  running.add(child);
  const ended = once(child, "exit").then(([code]) => {
    running.delete(child);
    return code;
  });
  const heard = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const match = said.exec(line);
      if (match) return match;
    }
    throw new Error(`${command} ${args[0]} ended before it said ${said}`);
  })();
  const late = new Promise((_, no) => setTimeout(no, LINE, new Error(`${command} ${args[0]}: not up in a minute`)).unref());
  const match = await Promise.race([heard, late]);
  child.stdout.resume();
  return { match, stop: () => stop(child, ended), kill: () => (child.kill("SIGKILL"), ended) };
}

async function stop(child, ended) {
  child.kill("SIGTERM");
  const kill = setTimeout(() => child.kill("SIGKILL"), END);
  await ended;
  clearTimeout(kill);
}

export function clean() {
  running.forEach(child => child.kill("SIGKILL"));
  rmSync(folder, { recursive: true, force: true });
}

/** The proxy on ports of its own that a second start takes again. */
export class Proxy {
  constructor(refrain, upstream, redis, port, management) {
    Object.assign(this, { refrain, port, management });
    this.file = join(folder, "refrain.yaml");
    writeFileSync(
      this.file,
      `server: {host: 127.0.0.1, port: ${port}}
management: {host: 127.0.0.1, port: ${management}}
upstreams:
  - {name: simulated, url: "http://127.0.0.1:${upstream}/v1", models: ["m", "error-*"], probe: {path: /v1/models, interval: 500ms}}
  - {name: unreachable, url: "http://127.0.0.1:1/v1", models: ["gone"]}
cache: {redis: {url: "redis://127.0.0.1:${redis}"}}
metrics: {currency: USD, prices: [{model: "*", prompt: 30, completion: 60}]}
logging: {level: error}
`,
    );
  }

  async start() {
    this.process = await start(this.refrain, ["serve", "--config", this.file], /listens on/);
  }

  stop() {
    return this.process.stop();
  }

  get page() {
    return `http://127.0.0.1:${this.management}/`;
  }

  /** Asks, reads the whole answer, and gives the tokens it speaks of. */
  async ask(prompt, more = {}, headers = {}) {
    const answer = await fetch(`http://127.0.0.1:${this.port}/v1/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer page", ...headers },
      body: JSON.stringify({ model: "m", prompt, max_tokens: 24, temperature: 0, ...more }),
    });
    const text = await answer.text();
    return answer.ok && !more.stream ? JSON.parse(text).usage.total_tokens : 0;
  }
}

/** What was seen, a row each; the status of the process at the end. */
export class Table {
  failed = 0;

  row(what, good, seen) {
    if (!good) this.failed++;
    console.log(`${good ? "ok  " : "FAIL"}  ${what.padEnd(62)}  ${seen}`);
  }
}
