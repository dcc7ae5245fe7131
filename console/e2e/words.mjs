// What the page says in a language, from the catalogue that it speaks from: for cases that are the same in both.
import assert from 'node:assert/strict';
import { readWords } from '../build/words.mjs';

/** `say('core.save')`, with its variables filled in; of counted things `_one` and `_other` are part of the key. */
export function speak(language) {
  const words = Object.assign({}, ...Object.values(readWords(language)));
  return (key, facts = {}) => {
    const text = words[`console.${key}`];
    assert.ok(text, `the catalogue has no console.${key}`);
    return text.replaceAll(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
  };
}
