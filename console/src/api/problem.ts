// What goes wrong, as the server says it (RFC 9457): text in the reader's language, a code for programs, and the request's id.

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
  ) {
    super(detail);
    this.name = 'Problem';
  }

  /** The form's field that the problem is about. */
  get field(): string | undefined {
    return typeof this.params.field === 'string' ? this.params.field : undefined;
  }
}

/** No answer came: the connection is down, or the server is. */
export const UNREACHABLE = 'unreachable';

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
      );
    }
  } catch {
    // Not JSON: said below.
  }
  return new Problem(response.status, FOREIGN, `HTTP ${response.status} ${response.statusText}`.trim(), undefined, {}, requestId);
}

export const isProblem = (error: unknown, ...codes: string[]): error is Problem =>
  error instanceof Problem && (codes.length === 0 || codes.includes(error.code));
