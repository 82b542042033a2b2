// The browsers that tests run in, each behind as much of Playwright's interface as all can have.
//
// All tests run in Chromium. Those that need no more than what is below also run in Firefox and in
// WebKit, the engine of Safari; `BACKFILE_BROWSER` says in which. Playwright drives those two only as
// builds of its own, which have to be downloaded from its makers. So Firefox is driven by Puppeteer,
// and WebKit by the standard protocol of its driver, a request for each step:
// https://www.w3.org/TR/webdriver2/.
//
// `node tests/web/browsers.mjs` fails, and says why, if the browser does not start here.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** Dev tools live below www; Node looks for packages only above the file that asks. */
const require = createRequire(new URL('../../www/package.json', import.meta.url));

const { BACKFILE_BROWSER = 'chromium', BACKFILE_CHROMIUM = '/usr/bin/chromium', BACKFILE_FIREFOX = '/usr/bin/firefox-esr', BACKFILE_WEBKIT = 'WebKitWebDriver' } = process.env;

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const BROWSERS = {
  chromium: () => require('playwright-core').chromium.launch({ executablePath: BACKFILE_CHROMIUM, args: FLAGS }),
  firefox: launchFirefox,
  webkit: launchWebKit,
};

/** What the tests of this process run in. */
export const BROWSER = BACKFILE_BROWSER;

/** A browser that ends with the test file. */
export function launch() {
  return BROWSERS[BROWSER]();
}

async function launchFirefox() {
  const browser = await require('puppeteer-core').launch({ browser: 'firefox', executablePath: BACKFILE_FIREFOX, headless: true });
  const newPage = async (context) => {
    const page = await context.newPage();
    const listen = page.on.bind(page);
    return Object.assign(page, {
      addInitScript: (run) => page.evaluateOnNewDocument(run),
      goBack: () => goBack(page),
      // Firefox also reports here what it only writes into the console: those have no place in a script.
      on: (event, listener) => listen(event, (error) => /\n\s*at /.test(error.stack) && listener(error)),
    });
  };
  return {
    async newContext() {
      const context = await browser.createBrowserContext();
      return { newPage: () => newPage(context), close: () => context.close() };
    },
    close: () => browser.close(),
  };
}

/** Puppeteer waits for something that Firefox does not say of a page that it has kept. */
async function goBack(page) {
  const address = () => page.evaluate(() => location.href);
  const left = await address();
  await page.evaluate(() => void setTimeout(() => history.back()));
  while ((await address().catch(() => left)) === left) await pause();
}

/**
 * The driver has one browser at a time, without anything from the one before: a new page ends it. Errors
 * of scripts are not reported, and nothing can be run before those of the page. Keys are left out, since it
 * was seen to hang over them. What runs when a page is left is waited for in vain.
 */
async function launchWebKit() {
  const port = await freePort();
  const driver = spawn('xvfb-run', ['-a', BACKFILE_WEBKIT, `--port=${port}`], { stdio: 'ignore', detached: true });
  let session;
  await new Promise((resolve, reject) => driver.once('spawn', resolve).once('error', reject));
  const stop = () => driver.exitCode ?? process.kill(-driver.pid);
  process.once('exit', stop); // also if a test file breaks off: Xvfb would stay behind
  const end = async () => {
    if (session) await ask(port, 'DELETE', session);
    session = undefined;
  };
  await answering(port, driver);
  return {
    async newContext() {
      await end();
      const { sessionId } = await ask(port, 'POST', '/session', { capabilities: {} });
      const own = (session = `/session/${sessionId}`);
      return {
        newPage: async () => new WebKitPage((method, command, body) => ask(port, method, `${own}/${command}`, body)),
        close: async () => session === own && end(),
      };
    },
    async close() {
      await end();
      process.off('exit', stop);
      stop();
    },
  };
}

class WebKitPage {
  #ask;

  constructor(ask) {
    this.#ask = ask;
  }

  on() {}

  addInitScript() {}

  goto(url) {
    return this.#ask('POST', 'url', { url });
  }

  goBack() {
    return this.#ask('POST', 'back', {});
  }

  async evaluate(run, argument) {
    const script = `const [argument, done] = arguments;
      Promise.resolve().then(() => (${run})(argument)).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const { value, error } = await this.#ask('POST', 'execute/async', { script, args: [argument ?? null] });
    if (error) throw new Error(error);
    return value;
  }

  async screenshot({ path: file }) {
    writeFileSync(file, Buffer.from(await this.#ask('GET', 'screenshot'), 'base64'));
  }
}

async function ask(port, method, command, body) {
  const response = await fetch(`http://127.0.0.1:${port}${command}`, { method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(60_000) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`WebKit's driver: ${value.error}: ${value.message}`);
  return value;
}

/** Resolves when the driver has started. */
async function answering(port, driver) {
  for (let tries = 200; ; tries--) {
    try {
      return await ask(port, 'GET', '/status');
    } catch (error) {
      if (tries === 0) throw error;
      if (driver.exitCode !== null) throw new Error(`${BACKFILE_WEBKIT || 'no driver'} ended`);
      await pause();
    }
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 100));

/** With port 0 the driver does not say which one it took. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function tryOut() {
  const browser = await launch();
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto('about:blank');
    await page.evaluate(() => 0);
    await context.close();
  } finally {
    await browser.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await tryOut().catch(({ message }) => {
    console.error(`${BROWSER} does not start: ${message}`);
    process.exitCode = 1;
  });
}
