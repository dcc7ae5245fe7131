// The console's sentences: one key, one sentence in each language, fetched by feature.
// Keys are written out in full where they are used, so that one search finds the sentence and all that say it.
import i18next from 'i18next';
import { useSyncExternalStore } from 'react';
import chunks from 'virtual:wharf-words';
import { chooseFirstLanguage, type Language, storeLanguage } from './language';
import type { Feature, WordKey } from './words.gen';

export type { Feature, WordKey } from './words.gen';
export type WordParameters = Record<string, string | number>;
export type Say = (key: WordKey, parameters?: WordParameters) => string;

const wanted = new Set<Feature>(['core']);
const present = new Set<string>();

async function fetchWords(language: Language, feature: Feature) {
  const id = `${language}/${feature}`;
  if (present.has(id)) return;
  const bundle = await chunks[id]?.();
  if (bundle) i18next.addResourceBundle(language, 'words', bundle.default);
  present.add(id);
}

/** Starts with the sentences of the shell; call once, before anything is rendered. */
export async function startWords() {
  const language = chooseFirstLanguage();
  await i18next.init({
    lng: language,
    fallbackLng: false,
    ns: 'words',
    defaultNS: 'words',
    // Keys are flat and have dots.
    keySeparator: false,
    nsSeparator: false,
    resources: {},
    // The catalogue's own form; React escapes.
    interpolation: { prefix: '{', suffix: '}', escapeValue: false },
    returnNull: false,
  });
  await fetchWords(language, 'core');
  showLanguage(language);
}

/** A route's loader calls this for its feature; the sentences are there before the page is. */
export async function loadWords(...features: Feature[]) {
  for (const feature of features) wanted.add(feature);
  const language = currentLanguage();
  await Promise.all(features.map((feature) => fetchWords(language, feature)));
}

export async function changeLanguage(language: Language) {
  await Promise.all([...wanted].map((feature) => fetchWords(language, feature)));
  storeLanguage(language);
  await i18next.changeLanguage(language);
  showLanguage(language);
}

// A row of a list has several parts that speak, and hundreds of rows go by while one scrolls: listening has to cost next to nothing.
let spoken: { language: Language; say: Say } = speak('en');
const listeners = new Set<() => void>();

function speak(language: Language) {
  return { language, say: ((key, parameters) => i18next.t(key, parameters ?? {})) as Say };
}

function showLanguage(language: Language) {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  spoken = speak(language);
  for (const each of listeners) each();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export const currentLanguage = (): Language => spoken.language;

/** Outside of components. */
export const say: Say = (key, parameters) => spoken.say(key, parameters);

/** `const say = useWords()`; `say('console.images.title')`. Counts go in as `count` (keys ending in `_one`, `_other`). Another one in each language. */
export const useWords = (): Say => useSyncExternalStore(subscribe, () => spoken.say);

export const useLanguage = (): Language => useSyncExternalStore(subscribe, () => spoken.language);
