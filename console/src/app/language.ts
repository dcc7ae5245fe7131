// Which language the console speaks: what this browser chose, else what the account says, else what the browser asks for.

export type Language = 'zh' | 'en';

const stored = 'wharf.language';

/** The choice made in this browser, where there is one. */
export function readChosenLanguage(): Language | undefined {
  try {
    const value = localStorage.getItem(stored);
    return value === 'zh' || value === 'en' ? value : undefined;
  } catch {
    return undefined;
  }
}

export function storeLanguage(language: Language) {
  try {
    localStorage.setItem(stored, language);
  } catch {
    // A browser that keeps nothing still shows the choice until the page is closed.
  }
}

/** The first of `asked` that is spoken here; English for readers of any other, Chinese where nothing is asked for. */
export function matchLanguage(asked: readonly string[]): Language {
  for (const tag of asked) {
    const primary = tag.toLowerCase().split('-')[0];
    if (primary === 'zh' || primary === 'en') return primary;
  }
  return asked.length === 0 ? 'zh' : 'en';
}

export function chooseFirstLanguage(): Language {
  return readChosenLanguage() ?? matchLanguage(navigator.languages);
}
