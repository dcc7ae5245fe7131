// What the addresses of 系统管理 hold. Pure.

export interface UsersSearch {
  q?: string;
  /** The form for a new user is open. */
  new?: true;
  /** The form of this user is open. */
  edit?: string;
  /** Whose password is about to be reset. */
  reset?: string;
}

/** What is open over the list. */
export const noUserForm = { new: undefined, edit: undefined, reset: undefined };

const readText = (value: unknown) => (value === undefined || value === '' ? undefined : String(value));

export const readUsersSearch = (search: Record<string, unknown>): UsersSearch => ({
  q: readText(search.q),
  new: search.new === true ? true : undefined,
  edit: readText(search.edit),
  reset: readText(search.reset),
});

export interface NamespacesSearch {
  q?: string;
}

export const readNamespacesSearch = (search: Record<string, unknown>): NamespacesSearch => ({ q: readText(search.q) });

export interface SettingsSearch {
  /** The section whose form is open. */
  edit?: string;
}

export const readSettingsSearch = (search: Record<string, unknown>): SettingsSearch => ({ edit: readText(search.edit) });
