import { autocompletion, closeBrackets } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, linter } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers, placeholder as ghost } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useId, useRef } from 'react';
import { useWords } from '@/app/words';
import classes from './CodeEditor.module.css';

/** What is wrong at a place of the text; lines and columns are counted from 1. */
export interface Finding {
  line: number;
  /** The last line; the same when it is left out. */
  endLine?: number;
  /** From where in the line; all of it when it is left out. */
  column?: number;
  severity: 'error' | 'warning';
  message: string;
  /** What to do about it. */
  hint?: string;
  /** Which rule says so. */
  rule?: string;
}

interface CodeEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  language: 'dockerfile' | 'json' | 'yaml';
  /** Asked a moment after the last key. */
  check?: (text: string) => Promise<Finding[]>;
  placeholder?: string;
  describedBy?: string;
  invalid?: boolean;
}

/** How long (ms) the text has to rest before it is checked: shorter asks while a word is typed. */
const REST = 500;

const languages: Record<CodeEditorProps['language'], () => Promise<Extension>> = {
  dockerfile: async () => {
    const { dockerFile } = await import('@codemirror/legacy-modes/mode/dockerfile');
    return StreamLanguage.define(dockerFile);
  },
  json: async () => (await import('@codemirror/lang-json')).json(),
  yaml: async () => (await import('@codemirror/lang-yaml')).yaml(),
};

// Only our own colours, so that both schemes have the contrast that text has elsewhere.
const colors = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword, tags.operatorKeyword], color: 'var(--w-link)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--w-success)' },
  { tag: [tags.comment, tags.meta], color: 'var(--w-muted)' },
  { tag: [tags.variableName, tags.propertyName, tags.atom], color: 'var(--w-running)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--w-warning)' },
]);

/** An editor for code. Tab leaves it after Escape, as CodeMirror has it, which is said while somebody is in it; its size follows its text. */
export default function CodeEditor({ label, value, onChange, language, check, placeholder, describedBy, invalid }: CodeEditorProps) {
  const say = useWords();
  const leaving = useId();
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const change = useRef(onChange);
  const ask = useRef(check);
  useEffect(() => {
    change.current = onChange;
    ask.current = check;
  });

  useEffect(() => {
    const parent = box.current;
    if (!parent) return;
    let gone = false;
    const start = async () => {
      const syntax = await languages[language]();
      if (!gone) view.current = new EditorView({ parent, state: makeState(syntax) });
    };
    void start();
    const makeState = (syntax: Extension) =>
      EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(globalThis.__webpack_nonce__ ?? ''),
          lineNumbers(),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          autocompletion(),
          syntaxHighlighting(colors),
          syntax,
          placeholder ? ghost(placeholder) : [],
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({
            'aria-label': label,
            'aria-describedby': [describedBy, leaving].filter(Boolean).join(' '),
          }),
          check ? [lintGutter(), linter((editor) => findProblems(editor, ask.current), { delay: REST })] : [],
          EditorView.updateListener.of((update) => {
            if (update.docChanged) change.current(update.state.doc.toString());
          }),
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
        ],
      });
    return () => {
      gone = true;
      view.current?.destroy();
      view.current = null;
    };
    // The editor keeps its own text; a new language is a new editor.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [language]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  return (
    <>
      <div ref={box} className={classes.root} data-invalid={invalid || undefined} />
      <p id={leaving} className={classes.leaving}>
        {say('console.core.leave_editor')}
      </p>
    </>
  );
}

async function findProblems(editor: EditorView, check: CodeEditorProps['check']): Promise<Diagnostic[]> {
  const { doc } = editor.state;
  if (!check || doc.length === 0) return [];
  const found = await check(doc.toString());
  // The text may have become shorter meanwhile.
  const lineAt = (line: number) => doc.line(Math.min(Math.max(1, line), doc.lines));
  return found.map(({ line, endLine, column, severity, message, hint, rule }) => {
    const { from: start, to } = lineAt(line);
    const from = Math.min(start + (column ?? 1) - 1, to);
    return { from, to: Math.max(to, lineAt(endLine ?? line).to), severity, message: hint ? `${message}\n${hint}` : message, source: rule };
  });
}
