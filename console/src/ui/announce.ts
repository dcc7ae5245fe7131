// Says something to people who do not see the screen: "copied", "100 more rows". One polite region, in the shell.

export const ANNOUNCEMENTS = 'announcements';

export function announce(text: string) {
  const region = document.getElementById(ANNOUNCEMENTS);
  if (!region) return;
  // The same sentence twice is said twice only where it was gone in between.
  region.textContent = '';
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}
