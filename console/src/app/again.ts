// Parts of the program that are fetched when they are needed: asked for again where one does not arrive, since browsers drop all
// they are loading when the machine's network changes. The build writes `importAgain(() => import(…))` for each `import(…)`.

/** Before each further attempt (ms): for a network that changed, for a server that starts anew. Longer leaves people waiting for what is gone. */
const WAITS = [200, 1_000, 2_000];

let onMissing: () => void = () => {};

/** What happens when a part does not arrive at all: the server has another version, or is away. */
export function whenPartMissing(act: () => void) {
  onMissing = act;
}

/** The part, or the error of the last attempt. A part that arrived and failed is not asked for again. */
export async function importAgain<T>(fetchPart: () => Promise<T>): Promise<T> {
  for (const wait of WAITS) {
    try {
      return await fetchPart();
    } catch (error) {
      if (!isMissingPart(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
      await replaceSheet(error);
    }
  }
  try {
    return await fetchPart();
  } catch (error) {
    if (isMissingPart(error)) onMissing();
    throw error;
  }
}

const SHEET = /^Unable to preload CSS for (\S+)/;

/** What browsers say (Chromium, Firefox, WebKit), and Vite about style sheets. */
export const isMissingPart = (error: unknown): error is Error =>
  error instanceof Error &&
  (/^(Failed to fetch dynamically imported module|error loading dynamically imported module|Importing a module script failed)/i.test(error.message) ||
    SHEET.test(error.message));

/** Links that were put in anew and have not settled: several parts wait for one sheet, and a link that is taken out says nothing more. */
const replacing = new Map<string, Promise<unknown>>();

/** A sheet that did not arrive counts as there (vite/preload-helper asks once): its link is put in anew. Settled when it is loaded, or not. */
async function replaceSheet(error: Error) {
  const href = SHEET.exec(error.message)?.[1];
  const failed = [...document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')].find((link) => link.href === href);
  if (!href || !failed) return;
  if (!replacing.has(href)) replacing.set(href, replaceLink(failed));
  await replacing.get(href);
  replacing.delete(href);
}

function replaceLink(failed: HTMLLinkElement) {
  const link = failed.cloneNode() as HTMLLinkElement;
  return new Promise((resolve) => {
    link.addEventListener('load', resolve);
    link.addEventListener('error', resolve);
    failed.replaceWith(link);
  });
}
