// Programs that a run starts: none of them outlives it, however it ends.
import { spawn } from 'node:child_process';

const running = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program like `spawn`; its `ended` is settled once it is gone. */
export function startProgram(path, args, options) {
  const child = spawn(path, args, options);
  running.add(child);
  child.ended = new Promise((resolve) => {
    const settle = () => {
      running.delete(child);
      resolve();
    };
    child.on('exit', settle);
    // It could not be started.
    child.on('error', settle);
  });
  return child;
}
