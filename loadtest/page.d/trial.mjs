// Whether the page shows the right numbers within a second, is readable, and comes back after a restart.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { clean, freePort, Proxy, start, Table } from "./rig.mjs";
import { banner, contrasts, faults, remembered, shown } from "./looks.mjs";

const [refrain, executablePath, screenshots, seconds] = process.argv.slice(2);
const SECOND = 1000;
const ROUNDS = 20;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const VIEWS = [
  { name: "desktop-light", colorScheme: "light", viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 },
  { name: "desktop-dark", colorScheme: "dark", viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 },
  { name: "phone-light", colorScheme: "light", viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 },
  { name: "phone-dark", colorScheme: "dark", viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 },
];
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

const table = new Table();
const ports = { upstream: await freePort(), redis: await freePort() };
const runUpstream = () => start(refrain, ["upstream", "--port", `${ports.upstream}`, "--delay", "2"], /:(\d+)$/);
const runRedis = () => start("redis-server", ["--port", `${ports.redis}`, "--bind", "127.0.0.1", "--save", ""], /Ready to accept/);
let upstream = await runUpstream();
let redis = await runRedis();
const proxy = new Proxy(refrain, ports.upstream, ports.redis, await freePort(), await freePort());
await proxy.start();
// A profile of its own, made new and empty, is what the driver gives it.
const browser = await chromium.launch({ executablePath, args: FLAGS });
try {
  await trial();
} finally {
  await browser.close();
  await proxy.stop();
  await upstream.stop();
  await redis.stop();
  clean();
}
console.log(table.failed ? `${table.failed} rows are not as they should be` : `all is as it should be; see ${screenshots}`);
process.exit(table.failed ? 1 : 0);

async function trial() {
  mkdirSync(screenshots, { recursive: true });
  const views = await Promise.all(VIEWS.map(open));
  await shoot(views, "idle");
  for (const view of views) table.row(`${view.name}: nothing was asked, so nothing saved`, await shows(view, { saved: 0, requests: 0, free: 0 }), "0");
  await numbers(views);
  await delays(views);
  await reasons(views);
  await failures(views);
  const crowd = traffic();
  await new Promise(next => setTimeout(next, seconds * SECOND));
  await looks(views);
  await history(views);
  await crowd.leave();
  await restart(views);
  for (const view of views) {
    table.row(`${view.name}: no error in the console`, view.errors.length === 0, view.errors.join("; ") || "none");
    table.row(`${view.name}: no request to anybody else`, view.foreign.length === 0, view.foreign.join(" ") || "none");
  }
}

async function open(of) {
  const context = await browser.newContext(of);
  const page = await context.newPage();
  const view = { name: of.name, page, errors: [], foreign: [], deaf: false };
  page.on("console", message => {
    // While the server is down the browser says that it is.
    if (message.type() === "error" && !view.deaf) view.errors.push(message.text());
  });
  page.on("pageerror", error => view.errors.push(String(error)));
  page.on("request", request => {
    if (!request.url().startsWith(proxy.page) && !request.url().startsWith("data:")) view.foreign.push(request.url());
  });
  await page.goto(proxy.page);
  await page.waitForSelector("body.live");
  return view;
}

/** Whether these elements have these values within so many milliseconds. */
async function shows(view, values, within = SECOND) {
  return view.page.waitForFunction(shown, values, { timeout: within, polling: 20 }).then(() => true, () => false);
}

// One call paid, one joined, seven from memory (one of them a stream), four of their own; a copied choice twice.
async function numbers(views) {
  const [paid, joined] = await Promise.all([proxy.ask("first"), proxy.ask("first")]);
  let saved = joined;
  for (let i = 0; i < 6; i++) saved += await proxy.ask("first");
  await proxy.ask("first", { stream: true });
  saved += paid;
  let spent = paid;
  for (let i = 0; i < 4; i++) spent += await proxy.ask("sampled", { temperature: 1, seed: i });
  const expected = { requests: 13, free: 8, saved, "tokens-paid": spent, "tokens-memory": paid * 7, "tokens-flight": joined };
  await Promise.all(views.map(async view => table.row(`${view.name}: requests, calls, tokens by who gave them`, await shows(view, expected), JSON.stringify(expected))));
  await Promise.all(views.map(async view => table.row(`${view.name}: nothing is on its way`, await shows(view, { flights: 0, calls: 0 }), "0")));
}

/** From the end of an answer until every page shows it. */
async function delays(views) {
  const took = [];
  const before = await views[0].page.evaluate(() => Number(document.getElementById("requests").value));
  for (let i = 1; i <= ROUNDS; i++) {
    await proxy.ask("first");
    const since = performance.now();
    await Promise.all(views.map(view => shows(view, { requests: before + i }, 5 * SECOND)));
    took.push(Math.round(performance.now() - since));
  }
  took.sort((a, b) => a - b);
  table.row(`a call is on all four pages within a second, ${ROUNDS} times`, took[ROUNDS - 1] <= SECOND, `median ${took[ROUNDS / 2]} ms, at most ${took[ROUNDS - 1]} ms`);
}

/** A crowd that comes and goes, asks some things often and a few things once; some of it fails. */
function traffic() {
  const asked = Array.from({ length: 20 }, (_, i) => proxy.ask(`nobody ${i}`, { model: "gone" }));
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  let i = 0;
  const timer = setInterval(() => {
    i++;
    const crowd = 2 + Math.round(3 + 3 * Math.sin(i / 40) + 2 * random());
    for (let j = 0; j < crowd; j++) {
      const prompt = `question ${Math.floor(60 * random() ** 3)} of ${Math.floor(i / 80)}`;
      const more = random() < 0.1 ? { temperature: 1, seed: i } : random() < 0.3 ? { stream: true } : random() < 0.1 ? { n: 2 } : {};
      asked.push(proxy.ask(prompt, more));
    }
  }, 250);
  return {
    leave() {
      clearInterval(timer);
      return Promise.all(asked);
    },
  };
}

async function shoot(views, what) {
  for (const view of views) await view.page.screenshot({ path: join(screenshots, `${what}-${view.name}.png`), fullPage: true });
}

/** Each request of the last ones says why it was answered as it was; a filter selects some. */
async function reasons(views) {
  await proxy.ask("too many", { n: -1 });
  await proxy.ask("anew", {}, { "cache-control": "no-store" });
  const wanted = ["hit", "uri-miss", "collapsed", "sampled", "no-store", "invalid"];
  for (const view of views) {
    const found = await view.page
      .waitForFunction(reasons => {
        const seen = new Set([...document.querySelectorAll("#requests-list tr")].map(row => row.cells[5].textContent));
        return reasons.every(each => seen.has(each)) && [...seen].join(", ");
      }, ["hit", "no-store", "invalid"], { timeout: 5 * SECOND })
      .then(handle => handle.jsonValue(), () => "");
    table.row(`${view.name}: recent requests say why`, found !== "", found);
  }
  const view = await open(VIEWS[0]);
  for (const reason of wanted) {
    await view.page.fill("#by-reason", reason);
    const only = await view.page
      .waitForFunction(reason => {
        const rows = [...document.querySelectorAll("#requests-list tr")];
        return rows.length > 0 && rows.every(row => row.cells[5].textContent === reason) && rows.length;
      }, reason, { timeout: 5 * SECOND })
      .then(handle => handle.jsonValue(), () => 0);
    table.row(`filter of requests: ${reason}`, only > 0, `${only} rows`);
  }
  await view.page.context().close();
}

/** What goes wrong is in the banner within two seconds, and leaves it by itself. */
async function failures(views) {
  await failure(views, "errors", /answered 5xx/, () => proxy.ask("broken", { model: "error-500" }), async () => {});
  await failure(views, "redis-down", /^Redis is away/, () => redis.kill(), async () => (redis = await runRedis()));
  await failure(views, "upstream-down", /^Upstream simulated: circuit breaker open/, () => Promise.all([upstream.kill(), proxy.ask("lost 1"), proxy.ask("lost 2")]), async () => {
    upstream = await runUpstream();
    // A success of the probe ends the pause, and a call after it closes the circuit.
    let i = 0;
    const callers = setInterval(() => proxy.ask(`found ${i++}`), 200);
    return () => clearInterval(callers);
  });
}

async function failure(views, name, words, breaks, mends) {
  const says = async (view, wanted, within) => {
    const rightly = () => view.page.evaluate(banner).then(all => all.some(text => words.test(text)) === wanted);
    while (!(await rightly())) {
      if (performance.now() - began > within) return "not at all";
      await new Promise(next => setTimeout(next, 20));
    }
    return `${Math.round(performance.now() - began)} ms`;
  };
  let began = performance.now();
  const broken = breaks();
  const told = await Promise.all(views.map(view => says(view, true, 5 * SECOND)));
  views.forEach((view, i) => table.row(`${view.name}: the banner tells of ${name} within two seconds`, parseInt(told[i]) <= 2 * SECOND, told[i]));
  await broken;
  await shoot(views, name);
  const leave = await mends();
  began = performance.now();
  const cleared = await Promise.all(views.map(view => says(view, false, 60 * SECOND)));
  if (typeof leave === "function") leave();
  views.forEach((view, i) => table.row(`${view.name}: ${name} leaves the banner by itself`, !isNaN(parseInt(cleared[i])), cleared[i]));
}

/** A page that is loaded anew knows the time before. */
async function history(views) {
  for (const view of views) {
    const before = await view.page.evaluate(remembered);
    await view.page.reload();
    const kept = await view.page
      .waitForFunction(span => events.length && events[events.length - 1].at - events[0].at >= span, before - 6 * SECOND, { timeout: 10 * SECOND })
      .then(() => true, () => false);
    table.row(`${view.name}: a reload keeps the history`, kept, `${Math.round(before / SECOND)} s`);
  }
}

async function looks(views) {
  for (const view of views) {
    await view.page.screenshot({ path: join(screenshots, `${view.name}.png`), fullPage: true });
    await view.page.evaluate(AXE);
    const serious = await view.page.evaluate(faults);
    table.row(`${view.name}: axe finds no serious fault`, serious.length === 0, serious.join("; ") || "none");
    const [wide, window] = await view.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    table.row(`${view.name}: fits its window`, wide <= window, `${wide} of ${window}`);
    const poor = await view.page.evaluate(contrasts);
    table.row(`${view.name}: every text stands out, 4.5 to 1 or more`, poor.length === 0, poor.join(", ") || "yes");
    await view.page.keyboard.press("Tab");
    const outline = await view.page.evaluate(() => document.activeElement.tagName + " " + getComputedStyle(document.activeElement).outlineStyle);
    table.row(`${view.name}: the keyboard reaches what can be used, and shows it`, /^(A|BUTTON) solid$/.test(outline), outline);
    const times = await view.page.locator("#latencies tr").allInnerTexts();
    const wanted = ["memory", "the upstream", "first token of a stream", "Refrain's own part"];
    const timed = wanted.every(words => times.some(row => row.startsWith(words) && row.match(/\d m?s/g)?.length === 3));
    table.row(`${view.name}: three quantiles of ${wanted.length} latencies and more`, timed, `${times.length} rows`);
    const open = await view.page.locator(".state.open, .state.half-open").count();
    table.row(`${view.name}: the upstream that is not there is seen to be kept from`, open === 1, `${open}`);
  }
}

async function restart(views) {
  views.forEach(view => (view.deaf = true));
  await proxy.stop();
  for (const view of views) {
    const said = await view.page.waitForSelector("body.lost", { timeout: 5 * SECOND }).then(() => view.page.innerText("#status"), () => "nothing");
    table.row(`${view.name}: says that the connection is lost`, said.startsWith("Connection lost"), said);
  }
  await views[0].page.screenshot({ path: join(screenshots, "lost.png") });
  await proxy.start();
  const since = performance.now();
  for (const view of views) {
    const back = await view.page.waitForSelector("body.live", { timeout: 10 * SECOND }).then(() => true, () => false);
    table.row(`${view.name}: is back after a restart`, back, `${Math.round(performance.now() - since)} ms`);
    view.deaf = false;
  }
  await proxy.ask("after");
  for (const view of views) table.row(`${view.name}: counts anew`, await shows(view, { requests: 1, free: 0, saved: 0 }), "1");
}
