// The public API, typed by its own document: what the document lacks does not compile.
// Every answer but a success is thrown as a Problem. Called by the modules beside it only; pages call those.
import createClient, { type Middleware } from 'openapi-fetch';
import { currentLanguage, say } from '@/app/words';
import type { paths } from './api.gen';
import { Problem, readProblem, UNREACHABLE } from './problem';

/** Names the caller a page of this origin: another origin's page cannot send it without being asked first. */
const CONSOLE_HEADER = 'X-Wharf-Console';

let onSignedOut: () => void = () => {};

/** What happens when an answer says that nobody is signed in any more. */
export function whenSignedOut(act: () => void) {
  onSignedOut = act;
}

/** The same for what is no JSON of the document: uploads and logs. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set(CONSOLE_HEADER, '1');
  headers.set('Accept-Language', currentLanguage());
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, UNREACHABLE, say('console.core.unreachable'));
  }
  if (response.status === 401) onSignedOut();
  if (!response.ok) throw await readProblem(response);
  return response;
}

const isSession = (path: string) => path === '/api/v1/session';

const middleware: Middleware = {
  onRequest({ request }) {
    request.headers.set(CONSOLE_HEADER, '1');
    request.headers.set('Accept-Language', currentLanguage());
    return request;
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return;
    // A refused sign-in is no end of a session.
    if (response.status === 401 && !isSession(schemaPath)) onSignedOut();
    throw await readProblem(response);
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    return new Problem(0, UNREACHABLE, say('console.core.unreachable'));
  },
};

/** An answer that breaks off is none: it is read to its end here, where that can be said. */
async function ask(request: Request): Promise<Response> {
  const response = await fetch(request);
  const body = await response.blob();
  // An answer that says nothing (204) may have no body, not even an empty one.
  return new Response(body.size > 0 ? body : null, response);
}

export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin', fetch: ask });
api.use(middleware);

/** The body of a successful answer: `await take(api.GET(…))`. */
export async function take<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  return data as T;
}
