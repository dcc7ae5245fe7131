// A log made of its events: steps with their lines, lines numbered from 1 in the order in which they began.
import type { LogEvent } from '@/api/buildLog';
import type { LineRange, Section } from './sections';

export interface LogLine {
  number: number;
  /** Milliseconds since 1970. */
  at: number;
  text: string;
  /** Said by the server or the builder, not written by a command. */
  said?: 'warning' | 'notice' | 'error';
}

export class LogRecord {
  private readonly lines: LogLine[] = [];
  private readonly byId = new Map<string, Section & { number?: number; since: number }>();
  /** Lines that have no line break yet, by step and stream. */
  private readonly open = new Map<string, LogLine>();
  private attempt = 1;
  private phase = '';
  /** The number of the last event. */
  last = 0;
  private lastAt = 0;

  /** Takes events in any portions; what was taken already is left out. */
  add(events: readonly LogEvent[]) {
    for (const event of events) {
      if (event.n <= this.last) continue;
      this.last = event.n;
      this.addOne(event);
    }
  }

  get total() {
    return this.lines.length;
  }

  line(number: number): LogLine | undefined {
    return this.lines[number - 1];
  }

  sections(): Section[] {
    return [...this.byId.values()];
  }

  /** The step that was begun last and still runs. */
  current(): Section | undefined {
    return this.sections().findLast((section) => section.state === 'running');
  }

  /** Numbers of the lines that hold `wanted`, in whatever case. */
  search(wanted: string, read: (line: LogLine) => string): number[] {
    const needle = wanted.toLowerCase();
    return this.lines.filter((line) => read(line).toLowerCase().includes(needle)).map((line) => line.number);
  }

  private addOne(event: LogEvent) {
    const at = Math.floor(event.at / 1000);
    this.lastAt = at;
    switch (event.type) {
      case 'attempt':
        this.attempt = event.attempt;
        return;
      case 'phase':
        this.phase = event.phase;
        return;
      case 'step':
        this.begin(this.idOf(event.step), event.name, at, event.step);
        return;
      case 'cached': {
        const section = this.byId.get(this.idOf(event.step));
        if (section) section.cached = true;
        return;
      }
      case 'done':
        this.end(this.idOf(event.step), at, event.error);
        return;
      case 'output':
        this.write(this.idOf(event.step), event.stream, event.text, at);
        return;
      case 'warning':
      case 'notice':
        this.say(event.text, at, event.type);
        return;
      case 'truncated':
        this.say(`… ${event.limit} B`, at, 'notice');
        return;
    }
  }

  private idOf = (step: number) => `${this.attempt}.${step}`;

  private begin(id: string, title: string, at: number, number?: number) {
    const section = this.byId.get(id) ?? { id, title, number, since: at, state: 'running' as const, cached: false, ranges: [] };
    this.byId.set(id, section);
    return section;
  }

  private end(id: string, at: number, error?: string) {
    const section = this.byId.get(id);
    if (!section) return;
    section.state = error === undefined ? 'succeeded' : 'failed';
    section.duration = Math.max(0, at - section.since);
    for (const key of this.open.keys()) if (key.startsWith(`${id} `)) this.open.delete(key);
    if (error) this.append(section, error, at, 'error');
  }

  /** What is said between steps is kept with the phase that it is said in. */
  private say(text: string, at: number, said: LogLine['said']) {
    const section = this.begin(`${this.attempt}.${this.phase || 'start'}`, this.phase, at);
    section.state = 'said';
    for (const line of text.replace(/\n$/, '').split('\n')) this.append(section, line, at, said);
  }

  /** The build is over: nothing that was begun runs any longer. */
  close(state: Section['state']) {
    for (const section of this.byId.values()) {
      if (section.state !== 'running') continue;
      section.state = state;
      section.duration ??= Math.max(0, this.lastAt - section.since);
    }
  }

  private write(id: string, stream: string, text: string, at: number) {
    const section = this.begin(id, '', at);
    const key = `${id} ${stream}`;
    const parts = text.split('\n');
    parts.forEach((part, index) => {
      const ends = index < parts.length - 1;
      const line = this.open.get(key);
      if (line) line.text += part;
      else if (part !== '' || ends) this.open.set(key, this.append(section, part, at));
      if (ends) this.open.delete(key);
    });
  }

  private append(section: Section, text: string, at: number, said?: LogLine['said']): LogLine {
    const line: LogLine = { number: this.lines.length + 1, at, text, ...(said && { said }) };
    this.lines.push(line);
    stretchRanges(section.ranges, line.number);
    return line;
  }
}

function stretchRanges(ranges: LineRange[], line: number) {
  const last = ranges.at(-1);
  if (last?.to === line - 1) last.to = line;
  else ranges.push({ from: line, to: line });
}
