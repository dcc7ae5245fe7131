// What a page said and asked for, kept for the case that it fails.

/** More of it than this many lines is not read by anybody. */
const LONGEST = 30;

/** Begins to keep what happens on `page`; answers it, as lines, at any time. */
export function recordPage(page) {
  const lines = [];
  const keep = (line) => {
    lines.push(line);
    if (lines.length > LONGEST) lines.shift();
  };
  page.on('pageerror', (error) => keep(`the page threw: ${error.stack ?? error.message}`));
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && keep(`console: ${message.text()}`));
  page.on('requestfailed', (request) => keep(`no answer: ${request.method()} ${request.url()}: ${request.failure()?.errorText}`));
  page.on('response', (response) => response.status() >= 400 && keep(`${response.status()}: ${response.request().method()} ${response.url()}`));
  page.on('crash', () => keep('the page crashed'));
  page.on('framenavigated', (frame) => frame === page.mainFrame() && keep(`at ${frame.url()}`));
  return lines;
}

/** A page that does not answer within this (ms) hangs; less is not enough on a machine that does other things. */
const LIMIT = 15_000;

/** How the page looks to a reader of screens; a few words where it cannot be asked any more. */
export async function readPage(page) {
  try {
    return await page.locator('body').ariaSnapshot({ timeout: LIMIT });
  } catch (error) {
    return `the page cannot be read: ${error.message.split('\n')[0]}`;
  }
}
