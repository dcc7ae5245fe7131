// What a form can say about itself before the server is asked; the server says the rest. Pure.
import type { Say } from '@/app/words';
import type { ActionDraft, TriggerDraft } from './draft';

/** 2 to 64 of these, a letter first: as the server has it. */
const name = /^[A-Za-z][A-Za-z0-9_-]{1,63}$/;
const address = /^https?:\/\/./i;

/** What is wrong, by the path of its field. */
export function checkTrigger(draft: TriggerDraft, say: Say): Record<string, string> {
  const wrong: Record<string, string> = {};
  const required = say('console.core.required');
  if (!name.test(draft.name.trim())) wrong.name = say('console.triggers.name_hint');
  if (draft.events.length === 0) wrong.events = say('console.triggers.events_none');
  if (draft.condition.kind !== 'all' && draft.condition.text.trim() === '') wrong['condition.text'] = required;
  draft.actions.forEach((action, index) => {
    for (const [field, text] of Object.entries(checkAction(action, required, say))) wrong[`actions.${index}.${field}`] = text;
  });
  return wrong;
}

function checkAction(action: ActionDraft, required: string, say: Say): Record<string, string> {
  const wrong: Record<string, string> = {};
  if (action.kind === 'workload') {
    if (action.cluster === null) wrong.cluster = required;
    else if (action.cluster_namespace === null) wrong.cluster_namespace = required;
    else if (action.workload === null) wrong.workload = required;
    else if (action.container === null) wrong.container = required;
    return wrong;
  }
  if (action.kind === 'message' && action.service === 'mail') {
    if (action.recipients.length === 0) wrong.recipients = required;
  } else if (action.url.trim() === '') {
    if (action.address === undefined) wrong.url = required;
  } else if (!address.test(action.url.trim())) {
    wrong.url = say('console.triggers.url_wrong');
  }
  const wantsText = action.kind === 'webhook' ? action.payload === 'template' : action.own_text;
  if (wantsText && action.template.trim() === '') wrong.template = required;
  if (action.signing === 'give' && action.secret === '') wrong.secret = required;
  action.headers.forEach((header, index) => {
    if (action.kind === 'webhook' && header.value !== '' && header.name.trim() === '') wrong[`headers.${index}.name`] = required;
  });
  return wrong;
}
