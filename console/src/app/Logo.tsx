/** The mark and the name. */
export function Logo() {
  return (
    <svg width="88" height="24" viewBox="0 0 88 24" role="presentation" aria-hidden>
      <rect width="24" height="24" rx="5" fill="currentColor" />
      <path d="M4.5 7l3.4 11L12 9l4.100 9L19.500 7" fill="none" stroke="var(--mantine-color-body)" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round" />
      <text x="32" y="18" fontSize="16" fontWeight="600" fill="var(--mantine-color-text)">
        wharf
      </text>
    </svg>
  );
}
