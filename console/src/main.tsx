import '@/app/styles/core';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { whenSignedOut } from '@/api/client';
import { sessionQuery } from '@/api/session';
import { readNonce } from '@/app/nonce';
import { queries } from '@/app/queries';
import { router } from '@/app/router';
import { cssVariablesResolver, theme } from '@/app/theme';
import { startWords } from '@/app/words';

const colors = localStorageColorSchemeManager({ key: 'wharf.theme' });
const nonce = readNonce();

await startWords();

// The session is over: ask who is there, and let the page decide what that means for it.
whenSignedOut(async () => {
  await queries.invalidateQueries(sessionQuery);
  await router.invalidate();
});

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
