// What goes wrong, as the server says it (RFC 9457): text in the reader's language, a code for programs, and the request's id.
import { say } from '@/app/words';

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    /** What happened, a sentence for people. */
    readonly detail: string,
    /** What to do about it, where there is something. */
    readonly hint?: string,
    readonly params: Record<string, unknown> = {},
    readonly requestId?: string,
    /** What is wrong with the field, without its name. */
    readonly reason?: string,
  ) {
    super(detail);
    this.name = 'Problem';
  }

  /** What to say beside the field that the problem is about. */
  get beside(): string {
    return this.reason ?? this.detail;
  }

  /** The form's field that the problem is about. */
  get field(): string | undefined {
    return typeof this.params.field === 'string' ? this.params.field : undefined;
  }
}

/** No answer came, or a proxy says that none comes: the connection is down, or the server is. */
export const UNREACHABLE = 'unreachable';

/** What a proxy says while it does not reach the server. */
export const isAway = (status: number) => status === 502 || status === 503 || status === 504;

/** An answer that no server of ours gives, such as a proxy's own page. */
const FOREIGN = 'foreign';

/** Never fails: whatever a proxy put there becomes a problem with the status it has. */
export async function readProblem(response: Response): Promise<Problem> {
  const requestId = response.headers.get('x-request-id') ?? undefined;
  try {
    const body = await response.clone().json();
    if (typeof body.code === 'string' && typeof body.detail === 'string') {
      return new Problem(
        response.status,
        body.code,
        body.detail,
        body.hint ?? undefined,
        body.params ?? {},
        body.request_id ?? requestId,
        body.reason ?? undefined,
      );
    }
  } catch {
    // Not JSON: said below.
  }
  if (isAway(response.status)) return new Problem(response.status, UNREACHABLE, say('console.core.unreachable'), undefined, {}, requestId);
  return new Problem(response.status, FOREIGN, say('console.core.foreign', { status: response.status }), undefined, {}, requestId);
}

export const isProblem = (error: unknown, ...codes: string[]): error is Problem =>
  error instanceof Problem && (codes.length === 0 || codes.includes(error.code));
