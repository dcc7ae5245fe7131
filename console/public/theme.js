// Before the first paint: the color scheme and the language that this browser chose last. A file, since no inline script may run.
(function () {
  var root = document.documentElement;
  var scheme;
  try {
    scheme = localStorage.getItem('wharf.theme');
    root.lang = localStorage.getItem('wharf.language') === 'en' ? 'en' : root.lang;
  } catch {
    scheme = null;
  }
  if (scheme !== 'light' && scheme !== 'dark') {
    scheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
  root.setAttribute('data-mantine-color-scheme', scheme);
})();
