// What all parts of the rule's form are given.
import type { RuleValues } from './ruleValues';

export interface FieldsProps {
  values: RuleValues;
  change: (part: Partial<RuleValues>) => void;
  /** What is wrong with a field, by the name that the API has for it. */
  errorOf: (field: string) => string | undefined;
}
