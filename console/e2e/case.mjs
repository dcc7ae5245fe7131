// What a case has to work with: a page of its own, a server of its file, and what to see.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';

/** A page that does not show something within this (ms) does not show it at all; this machine may be busy. */
const LIMIT = 15_000;

/** Sizes that every page is tried with. */
export const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

export class Case {
  constructor({ browser, server, title }) {
    this.browser = browser;
    this.server = server;
    this.title = title;
    this.contexts = [];
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
    page.on('pageerror', (error) => this.complaints.push(`the page threw: ${error.message}`));
    page.on('console', (message) => {
      if (/Content Security Policy|Content-Security-Policy/.test(message.text())) this.complaints.push(message.text());
    });
    return page;
  }

  /** Signs in on the sign-in page, as people do; answers the page. */
  async signIn({ login = this.server.admin, to = '/images', ...view } = {}) {
    const page = await this.open(view);
    await page.goto(`/sign-in?next=${encodeURIComponent(to)}`);
    const english = view.language === 'en';
    await page.getByRole('textbox', { name: english ? 'Username' : '用户名' }).fill(login.username);
    await page.getByRole('textbox', { name: english ? 'Password' : '密码', exact: true }).fill(login.password);
    await page.getByRole('button', { name: english ? 'Sign in' : '登录', exact: true }).click();
    await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
    await this.sees(page.getByRole('heading', { level: 1 }));
    return page;
  }

  /** Waits until it is there to be seen. */
  async sees(locator) {
    await locator.first().waitFor({ state: 'visible', timeout: LIMIT });
  }

  /** Waits until it is not there any more. */
  async gone(locator) {
    await locator.first().waitFor({ state: 'hidden', timeout: LIMIT });
  }

  /** Nothing that axe's default rules find. Open the menus and dialogs that shall be looked at first. */
  async accessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.map(({ html, failureSummary }) => `${html}\n      ${failureSummary?.replaceAll('\n', '\n      ')}`).join('\n    ')}`);
    assert.equal(found.join('\n'), '', `axe on ${page.url()}`);
  }

  /** Nothing is wider than the window. */
  async fits(page) {
    const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(wide <= window, `${page.url()} scrolls sideways: ${wide} > ${window}`);
  }

  /** A picture for people to look at, where somebody asked for pictures. */
  async show(page, name) {
    const folder = process.env.WHARF_E2E_SHOTS;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: false });
  }

  /**
   * The same view in every variant: both languages, both schemes, both sizes. `visit(page, variant)` goes there and waits until it
   * is drawn; each is checked with axe, for sideways scrolling, and pictured as `name-language-scheme-size`.
   */
  async inEveryVariant(name, visit, { login } = {}) {
    for (const language of ['zh', 'en']) {
      for (const scheme of ['light', 'dark']) {
        for (const size of Object.keys(sizes)) {
          const variant = { language, scheme, size };
          const page = login === null ? await this.open(variant) : await this.signIn({ login: login ?? this.server.admin, ...variant });
          await visit(page, variant);
          await this.fits(page);
          await this.show(page, `${name}-${language}-${scheme}-${size}`);
          await this.accessible(page);
          await page.context().close();
        }
      }
    }
  }

  async finish() {
    await Promise.all(this.contexts.map((context) => context.close()));
    assert.deepEqual(this.complaints, [], 'the browser complained');
  }
}
