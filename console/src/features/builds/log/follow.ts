// Whether the log moves with what is written. It does until the reader goes elsewhere; our own scrolling decides nothing.

export type FollowEvent =
  | 'wheel_up'
  | 'page_up'
  | 'home'
  | 'scrollbar'
  | 'touch'
  | 'selection'
  | 'search'
  | 'link'
  | 'button'
  | 'end_key'
  | 'reached_end';

/** How near (px) the end counts as the end: rounding leaves less, a row is more. */
export const END = 8;

export function followAfter(following: boolean, event: FollowEvent): boolean {
  switch (event) {
    case 'button':
      return !following;
    case 'end_key':
    case 'reached_end':
      return true;
    case 'wheel_up':
    case 'page_up':
    case 'home':
    case 'scrollbar':
    case 'touch':
    case 'selection':
    case 'search':
    case 'link':
      return false;
  }
}

/** A running build is followed from the start, unless an address names a line. */
export const followsAtFirst = (running: boolean, linked: boolean) => running && !linked;

export const isAtEnd = (box: { scrollTop: number; clientHeight: number; scrollHeight: number }) =>
  box.scrollHeight - box.clientHeight - box.scrollTop <= END;
