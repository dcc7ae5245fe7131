import '@/app/styles/core';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { whenSignedOut } from '@/api/client';
import { sessionQuery } from '@/api/session';
import { watchConnection } from '@/app/connection';
import { whenStreamSignedOut } from '@/app/events';
import { submitByKey } from '@/app/keys';
import { readNonce } from '@/app/nonce';
import { queries } from '@/app/queries';
import { router } from '@/app/router';
import { setSessionOver } from '@/app/session-over';
import { cssVariablesResolver, theme } from '@/app/theme';
import { startWords } from '@/app/words';

const colors = localStorageColorSchemeManager({ key: 'wharf.theme' });
const nonce = readNonce();

await startWords();

// Somebody was there: the page stays and asks to sign in over it. A page that is only being opened asks by itself.
const askAgain = () => {
  if (queries.getQueryData(sessionQuery.queryKey)?.user) setSessionOver(true);
};
whenSignedOut(askAgain);
whenStreamSignedOut(askAgain);
watchConnection();
window.addEventListener('keydown', submitByKey);

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={colors}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);

// It runs: public/start.js counts from the beginning.
try {
  sessionStorage.removeItem('wharf.starts');
} catch {
  // A browser that keeps nothing has no count either.
}
