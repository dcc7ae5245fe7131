// Tells the other tabs of this browser that somebody signed in, and hears it from them.

const NAME = 'wharf-signed-in';

export function tellSignedIn() {
  const channel = new BroadcastChannel(NAME);
  // A channel is of this origin alone, unlike a window.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  channel.postMessage(null);
  channel.close();
}

/** Until the answer is called. Also when somebody comes back to this tab: the one that signed in may have told nobody. */
export function watchSignedIn(act: () => void): () => void {
  const channel = new BroadcastChannel(NAME);
  channel.addEventListener('message', act);
  window.addEventListener('focus', act);
  return () => {
    channel.close();
    window.removeEventListener('focus', act);
  };
}
