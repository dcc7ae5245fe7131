import type { TokenAction } from '@/api/tokens';
import type { Say, WordKey } from '@/app/words';

const words: Record<TokenAction, WordKey> = {
  pull: 'console.account.action.pull',
  push: 'console.account.action.push',
  delete: 'console.account.action.delete',
  'build:start': 'console.account.action.build',
  'trigger:run': 'console.account.action.trigger',
  admin: 'console.account.action.admin',
};

/** In the order of what they can do harm with. */
export const tokenActions: TokenAction[] = ['pull', 'push', 'delete', 'build:start', 'trigger:run', 'admin'];

export const sayAction = (action: TokenAction, say: Say) => say(words[action]);
