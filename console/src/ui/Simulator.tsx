import { Loader, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorState } from './ErrorState';
import classes from './Simulator.module.css';

interface SimulatorProps {
  title: string;
  /** What came out of it in a line: "12 of 340 match"; said aloud when it changes. */
  summary?: string;
  /** It is being asked again; what is shown is of before. */
  pending: boolean;
  problem?: unknown;
  retry?: () => void;
  /** What is tried on, where there is a choice. */
  sample?: ReactNode;
  children?: ReactNode;
}

/** Beside a form: what the server would do with what is in it. It saves nothing. */
export function Simulator({ title, summary, pending, problem, retry, sample, children }: SimulatorProps) {
  return (
    <section className={classes.root} aria-busy={pending}>
      <div className={classes.head}>
        <Title order={2}>{title}</Title>
        {pending && <Loader size={16} aria-hidden />}
      </div>
      {sample}
      <p className={classes.summary} aria-live="polite">
        {summary}
      </p>
      {problem ? <ErrorState problem={problem} retry={retry} /> : children}
    </section>
  );
}
