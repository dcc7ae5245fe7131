// Until the program runs: where a part of it does not arrive there is nothing but an empty page, so the page is loaded again, a few
// times (browsers drop all they are loading when the machine's network changes). The program takes away the count when it runs.
(function () {
  const counter = 'wharf.starts';
  const most = 4;
  let planned = false;

  function countStart() {
    try {
      const starts = Number(sessionStorage.getItem(counter)) + 1;
      sessionStorage.setItem(counter, String(starts));
      return starts;
    } catch {
      // What cannot be counted would go on for ever.
      return most + 1;
    }
  }

  function giveUp() {
    try {
      // Whoever loads it again begins anew.
      sessionStorage.removeItem(counter);
    } catch {
      // Nothing was counted.
    }
    const sentence = document.createElement('p');
    sentence.setAttribute('role', 'alert');
    sentence.textContent = '页面未能加载，请检查网络后刷新。 The page could not be loaded. Check the network, then reload.';
    document.body.append(sentence);
  }

  // In the capturing phase: what does not load says so to its own element alone.
  addEventListener(
    'error',
    () => {
      const root = document.getElementById('root');
      if (planned || (root && root.firstChild)) return;
      planned = true;
      const starts = countStart();
      if (starts <= most) setTimeout(() => location.reload(), 250 * 2 ** starts);
      else if (document.readyState === 'loading') addEventListener('DOMContentLoaded', giveUp);
      else giveUp();
    },
    true,
  );
})();
