// The nonce of this response's Content-Security-Policy: styles that scripts insert carry it.

declare global {
  var __webpack_nonce__: string | undefined;
}

/** Read once; also given to the library that locks scrolling behind dialogs, which asks for it under this name. */
export function readNonce(): string {
  const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
  globalThis.__webpack_nonce__ = nonce;
  return nonce;
}
