// What the builder calls a step, in parts: `[builder 4/5] RUN npm ci` is step 4 of the stage `builder`, and its command.

export interface StepName {
  /** Empty where the builder did something of its own. */
  step: string;
  stage: string;
  name: string;
}

export function readStepName(title: string): StepName {
  const found = /^\[(?:(.*) )?(\d+)\/\d+\] (.*)$/s.exec(title);
  return found ? { step: found[2] ?? '', stage: found[1] ?? '', name: found[3] ?? '' } : { step: '', stage: '', name: title };
}
