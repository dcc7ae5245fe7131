import { useContext, useLayoutEffect } from 'react';
import { AroundInput, useLeaving } from './leaving';

interface LeaveGuardProps {
  dirty: boolean;
  /** Where the input is a part of a page, and stays while only the rest of the address changes. */
  inPage?: boolean;
}

/** Asks before unsaved input is left; in an overlay (`Overlay`) that asks, also where it is closed. */
export function LeaveGuard(props: LeaveGuardProps) {
  const report = useContext(AroundInput);
  return report ? <Reporter dirty={props.dirty} report={report} /> : <Guard {...props} />;
}

function Guard({ dirty, inPage }: LeaveGuardProps) {
  return useLeaving(dirty, inPage).question;
}

function Reporter({ dirty, report }: { dirty: boolean; report: (dirty: boolean) => void }) {
  // At once: the next key may be Esc.
  useLayoutEffect(() => {
    report(dirty);
    return () => report(false);
  }, [dirty, report]);
  return null;
}
