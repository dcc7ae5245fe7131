import { Typography } from '@mantine/core';
import { createElement, type ReactNode, useMemo } from 'react';
import '@/app/styles/facts';
import classes from './ServerHtml.module.css';

/** What the server writes out of Markdown; anything else is shown as its text. */
const known = new Set([
  'p', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code', 'em', 'strong', 'del', 'br', 'hr', 'a',
  'table', 'thead', 'tbody', 'tr', 'th', 'td',
]);

const schemes = /^(https?|mailto):/i;
const sides = new Set(['left', 'center', 'right']);

/** Prose that the server rendered. It is harmless already; here it becomes elements one by one, never markup. */
export function ServerHtml({ html }: { html: string }) {
  const content = useMemo(() => readNodes(new DOMParser().parseFromString(html, 'text/html').body), [html]);
  return <Typography className={classes.root}>{content}</Typography>;
}

function readNodes(parent: Node): ReactNode[] {
  return [...parent.childNodes].map((node, index) => readNode(node, index));
}

function readNode(node: Node, key: number): ReactNode {
  if (node instanceof Text) return node.data;
  if (!(node instanceof Element)) return null;
  const name = node.localName;
  if (!known.has(name)) return readNodes(node);
  if (name === 'br' || name === 'hr') return createElement(name, { key });
  // White space between the rows of a table is none of its content.
  const children = /^(table|thead|tbody|tr|ul|ol)$/.test(name) ? readNodes(node).filter((child) => typeof child !== 'string' || child.trim() !== '') : readNodes(node);
  return createElement(name, { key, ...readAttributes(node) }, ...children);
}

function readAttributes(element: Element): Record<string, unknown> {
  const href = element.getAttribute('href');
  const align = element.getAttribute('align');
  const start = Number(element.getAttribute('start'));
  return {
    ...(element.localName === 'a' && href && schemes.test(href) && { href, rel: 'noopener noreferrer nofollow' }),
    ...(align && sides.has(align) && { style: { textAlign: align } }),
    ...(element.localName === 'ol' && Number.isInteger(start) && start > 1 && { start }),
  };
}
