// Inputs by the path that a form has for them (`data-path`), for errors that are known once it was sent.

/** Puts the focus on the first field that is wrong, once its error is drawn. */
export function focusFirst(errors: Record<string, unknown>) {
  const [first] = Object.keys(errors);
  if (first) requestAnimationFrame(() => find(first)?.focus());
}

/** The field on the page that a path is about: itself, or the nearest part around it. */
export function findField(path: string): string | undefined {
  const parts = path.split('.');
  for (let kept = parts.length; kept > 0; kept -= 1) {
    const whole = parts.slice(0, kept).join('.');
    if (find(whole)) return whole;
  }
  return undefined;
}

/** A ref: what is drawn there is seen, such as a problem below a long form. */
export const scrollTo = (element: HTMLElement | null) => element?.scrollIntoView({ block: 'nearest' });

const find = (path: string) => document.querySelector<HTMLElement>(`[data-path="${path}"]`);
