// Keys that do something on a page, and the list of them. Single letters can be switched off, for people who speak to
// their computer or type by accident.
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import type { WordKey } from './words';

export interface Shortcut {
  /** As `KeyboardEvent.key` has it. */
  key: string;
  /** What it does, for the list of keys. */
  word: WordKey;
}

const stored = 'wharf.keys';
const active = new Map<object, Shortcut>();
const watchers = new Set<() => void>();
let snapshot: Shortcut[] = [];

function tellAll() {
  snapshot = [...active.values()];
  for (const watcher of watchers) watcher();
}

function subscribe(watcher: () => void) {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

let on = readSwitch();

function readSwitch() {
  try {
    return localStorage.getItem(stored) !== 'off';
  } catch {
    return true;
  }
}

/** Whether single keys do something in this browser. */
export const useKeysOn = () => useSyncExternalStore(subscribe, () => on);

export function switchKeys(value: boolean) {
  on = value;
  try {
    localStorage.setItem(stored, value ? 'on' : 'off');
  } catch {
    // Until the page is closed, then.
  }
  tellAll();
}

/** The keys of what is on the screen. */
export const useActiveKeys = () => useSyncExternalStore(subscribe, () => snapshot);

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** `useKey('f', 'console.builds.follow', toggle)`: while the component is there, and nobody types or has a dialog open. */
export function useKey(key: string, word: WordKey, act: () => void) {
  const run = useEffectEvent(act);
  useEffect(() => {
    const own = {};
    active.set(own, { key, word });
    tellAll();
    const hear = (event: KeyboardEvent) => {
      if (!on || event.key !== key || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target) || document.querySelector('[role="dialog"]')) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', hear);
    return () => {
      active.delete(own);
      tellAll();
      window.removeEventListener('keydown', hear);
    };
  }, [key, word]);
}

/** Ctrl+Enter (⌘↩) sends the form that somebody is in. */
export function submitByKey(event: KeyboardEvent) {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target instanceof HTMLElement ? event.target.closest('form') : null;
  form?.requestSubmit();
}
