// What is open over a list is in its address: opening it is a step that Back takes back, and closing it leaves no step behind.
import { useNavigate, useRouter } from '@tanstack/react-router';

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The entry before this one is the list beneath. */
    overList?: boolean;
  }
}

/** For links that open something over the list they are in: `<ButtonLink search={…} {...overList}>`. */
export const overList = { state: { overList: true }, resetScroll: false } as const;

/** Whether the way back is on its way: a second click does not go back twice. */
let returning = false;

/** Closes what is open over a list: by going back to it where it is the entry before, else as `otherwise` says. */
export function useReturn(otherwise: () => void) {
  const { history } = useRouter();
  return () => {
    if (returning) return;
    if (!history.location.state.overList) return otherwise();
    returning = true;
    window.addEventListener('popstate', () => (returning = false), { once: true });
    history.back();
  };
}

/** Adds to whatever the page has in its address: of which page it is, only the caller knows. */
const write = (part: object) => ((before: object) => ({ ...before, ...part })) as never;

/** `useOverList<FormSearch>({ add: undefined, edit: undefined })`: opens with a part of the address, and closes by taking it out. */
export function useOverList<Part extends object>(closed: { [Name in keyof Required<Part>]: undefined }) {
  const navigate = useNavigate();
  const close = useReturn(() => void navigate({ to: '.', search: write(closed), replace: true, resetScroll: false }));
  return {
    open: (part: Part) => void navigate({ to: '.', search: write(part), ...overList }),
    /** Another part in the same step, while it is open. */
    change: (part: Part) => void navigate({ to: '.', search: write(part), state: true, replace: true, resetScroll: false }),
    close,
  };
}

/** The form that is open over a list. */
export interface FormSearch {
  /** Something is added. */
  add?: true;
  /** What is edited: its name, or its id where it has none. */
  edit?: string;
}

export const readFormSearch = (search: Record<string, unknown>): FormSearch => ({
  add: search.add === true || undefined,
  edit: search.edit === undefined || search.edit === '' ? undefined : String(search.edit),
});

export const noForm = { add: undefined, edit: undefined };
