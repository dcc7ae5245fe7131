// Signing in at GitHub: the browser goes there and comes back; by a code where the app that is set has no secret.
import { useState } from 'react';
import { isProblem } from '@/api/problem';
import { type DeviceLogin, startDeviceLogin, startWebLogin } from '@/api/sources';

export const conflictOf = (problem: unknown) => (isProblem(problem, 'conflict') ? problem.params.what : undefined);

/** A sign-in, begun by `begin(host)`; `login` is the code that is waited for, `problem` what ended the last one. */
export function useGithubLogin() {
  const [busy, setBusy] = useState(false);
  const [login, setLogin] = useState<DeviceLogin>();
  const [problem, setProblem] = useState<unknown>();

  const begin = async (host?: string) => {
    setProblem(undefined);
    setBusy(true);
    try {
      const { authorization_url } = await startWebLogin(host);
      location.assign(authorization_url);
      return;
    } catch (error) {
      try {
        if (conflictOf(error) !== 'no_oauth_secret') throw error;
        setLogin(await startDeviceLogin(host));
      } catch (last) {
        setProblem(last);
      }
    }
    setBusy(false);
  };
  const end = (ended?: unknown) => {
    setLogin(undefined);
    setProblem(ended);
  };
  return { begin, end, busy, login, problem };
}
