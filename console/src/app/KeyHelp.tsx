import { Kbd, Modal } from '@mantine/core';
import '@mantine/core/styles/Kbd.layer.css';
import './styles/overlays';
import classes from './KeyHelp.module.css';
import { useActiveKeys, useKeysOn } from './keys';
import { useWords } from './words';

/** The keys that do something here. */
export default function KeyHelp({ onClose }: { onClose: () => void }) {
  const say = useWords();
  const keys = useActiveKeys();
  const on = useKeysOn();
  return (
    <Modal opened onClose={onClose} title={say('console.core.keys')} centered closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <dl className={classes.list}>
        {[...keys.filter(() => on).map(({ key, word }) => [key, say(word)]), ['Esc', say('console.core.keys_close')], ['Ctrl Enter', say('console.core.keys_submit')]].map(([key, text]) => (
          <div key={key} className={classes.line}>
            <dt>
              <Kbd>{key}</Kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {!on && <p className="muted">{say('console.core.keys_off')}</p>}
    </Modal>
  );
}
