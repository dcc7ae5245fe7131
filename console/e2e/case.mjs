// What a case has to work with: a page of its own, a server of its file, and what to see.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { readPage, recordPage } from './record.mjs';

/** A page that does not show something within this (ms) does not show it at all; this machine may be busy. */
const LIMIT = 30_000;

/** Pixels of the highest page that is pictured whole: forms are, of longer ones a screen says as much. */
const TALLEST = 6_000;

/** Sizes that every page is tried with. */
export const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** Every language with every size, every scheme with each of them. */
const variants = [
  { language: 'zh', size: 'desktop', scheme: 'light' },
  { language: 'zh', size: 'phone', scheme: 'dark' },
  { language: 'en', size: 'desktop', scheme: 'dark' },
  { language: 'en', size: 'phone', scheme: 'light' },
];

/** A network of this machine that comes or goes, such as that of a build, makes browsers drop what they are loading. */
function goAgain(page) {
  const go = page.goto.bind(page);
  page.goto = (...where) =>
    go(...where).catch((error) => {
      // The browser's own page about it comes in between where the first answer was there already.
      if (!/ERR_NETWORK_CHANGED|chrome-error:/.test(error.message)) throw error;
      return go(...where);
    });
}

export class Case {
  constructor({ browser, server }) {
    this.browser = browser;
    this.server = server;
    this.contexts = [];
    this.records = new Map();
    this.complaints = [];
  }

  /** A browser of its own: `language` is zh or en, `scheme` light or dark, `size` desktop or phone. Answers its page. */
  async open({ language = 'zh', scheme = 'light', size = 'desktop', server = this.server } = {}) {
    const context = await this.browser.newContext({
      baseURL: server.url,
      viewport: sizes[size],
      locale: language === 'zh' ? 'zh-CN' : 'en-US',
      colorScheme: scheme,
      hasTouch: size === 'phone',
      reducedMotion: 'reduce',
    });
    this.contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT);
    goAgain(page);
    page.on('pageerror', (error) => this.complaints.push(`the page threw: ${error.message}`));
    page.on('console', (message) => {
      if (/Content Security Policy|Content-Security-Policy/.test(message.text())) this.complaints.push(message.text());
    });
    this.records.set(page, recordPage(page));
    return page;
  }

  /** A page of a browser in which somebody has signed in, at the address `to`. Signing in as people do is tried by session.spec. */
  async signIn({ login = this.server.admin, to = '/images', ...view } = {}) {
    const page = await this.open(view);
    await this.begin(page, login);
    await page.goto(to);
    await this.sees(page.getByRole('heading', { level: 1 }));
    return page;
  }

  /** The cookie of a new session into the browser of `page`. */
  async begin(page, login) {
    const answer = await page.request.post('/api/v1/session', { data: login, headers: { 'X-Wharf-Console': '1' } });
    assert.ok(answer.ok(), `nobody can sign in as ${login.username}: ${await answer.text()}`);
  }

  /** Waits until it, or one of them, is there to be seen: narrow windows hide columns. */
  async sees(locator) {
    await locator.filter({ visible: true }).first().waitFor({ timeout: LIMIT });
  }

  /** Waits until it is not there any more. */
  async gone(locator) {
    await locator.first().waitFor({ state: 'hidden', timeout: LIMIT });
  }

  /** Nothing that axe's default rules find. Open the menus and dialogs that shall be looked at first. */
  async accessible(page) {
    // Without frames of other origins there is nothing to put together in a page of its own. Style sheets that are still on their way
    // would be put into the page once more, which its policy refuses and no rule needs.
    const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'], preload: false }).setLegacyMode();
    const { violations } = await axe.analyze();
    const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.map(({ html, failureSummary }) => `${html}\n      ${failureSummary?.replaceAll('\n', '\n      ')}`).join('\n    ')}`);
    assert.equal(found.join('\n'), '', `axe on ${page.url()}`);
  }

  /** Nothing is wider than the window, once it is drawn. */
  async fits(page) {
    const fitting = page.waitForFunction(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
    await fitting.catch(async () => {
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.fail(`${page.url()} scrolls sideways: ${wide} > ${page.viewportSize().width}`);
    });
  }

  /** A picture for people to look at, of the whole page as far as it is no list without end, where somebody asked for pictures. */
  async show(page, name) {
    const folder = process.env.WHARF_E2E_SHOTS;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: height <= TALLEST });
  }

  /**
   * The same view in both languages and both sizes, each scheme with each of them once. `visit(page, variant)` goes there, by
   * address, and waits until it is drawn; each is checked with axe, for sideways scrolling, and pictured as
   * `name-language-size-scheme`. One browser, in which `login` has signed in; nobody where it is null.
   */
  async inEveryVariant(name, visit, { login = this.server.admin } = {}) {
    const page = await this.open();
    if (login !== null) await this.begin(page, login);
    const device = await page.context().newCDPSession(page);
    let chosen = 'zh';
    for (const variant of variants) {
      const { language, size, scheme } = variant;
      if (language !== chosen) await page.evaluate((choice) => localStorage.setItem('wharf.language', choice), language);
      chosen = language;
      await page.setViewportSize(sizes[size]);
      await page.emulateMedia({ colorScheme: scheme });
      await device.send('Emulation.setTouchEmulationEnabled', { enabled: size === 'phone' });
      await visit(page, variant);
      assert.ok((await page.evaluate(() => document.documentElement.lang)).startsWith(language), `${page.url()} was not loaded in ${language}: visit it by its address`);
      await this.fits(page);
      await this.show(page, `${name}-${language}-${size}-${scheme}`);
      await this.accessible(page);
    }
    await page.context().close();
  }

  /** What can be said about a case that failed, in lines: where its last page is, what it shows and what it said. */
  async describe(folder, name) {
    const page = this.contexts.flatMap((context) => context.pages()).at(-1);
    if (!page) return 'no page is open';
    const picture = join(fileURLToPath(folder), `${name.replaceAll(/[^\w-]+/g, '-')}.png`);
    const pictured = await page.screenshot({ path: picture, timeout: LIMIT }).then(() => picture, () => 'none');
    const lines = [`at ${page.url()}`, `picture: ${pictured}`, ...(this.records.get(page) ?? []), await readPage(page)];
    return lines.join('\n');
  }

  async finish() {
    await Promise.all(this.contexts.map((context) => context.close()));
    assert.deepEqual(this.complaints, [], 'the browser complained');
  }
}
