import { describe, expect, test } from 'vitest';
import type { Setting } from '@/api/settings';
import { listChanges, listMoved, nameApplication, readTyped } from './settingChanges';
import { nameField, readHost, readSection, splitSections } from './settingKeys';

const setting = (key: string, part: Partial<Setting> = {}): Setting => ({
  key,
  value: null,
  origin: 'default',
  place: null,
  description: '',
  editable: true,
  locked: false,
  secret: false,
  leads_secret: null,
  needs_restart: false,
  waits_for_restart: false,
  changed_by: null,
  changed_at: null,
  ...part,
});

describe('a key', () => {
  test('says its section, and its host where it has one', () => {
    const key = 'code_hosts."git.example.com".client_id';
    expect([readSection(key), readHost(key), nameField(key)]).toEqual(['code_hosts', 'git.example.com', 'code_hosts.client_id']);
    expect([readSection('smtp.host'), readHost('smtp.host'), nameField('smtp.host')]).toEqual(['smtp', undefined, 'smtp.host']);
  });

  test('stands in its section, and sections stay in the order of the file', () => {
    const sections = splitSections([setting('smtp.host'), setting('build.a'), setting('smtp.port')]);
    expect(sections.map(({ name, settings }) => [name, settings.length])).toEqual([['smtp', 2], ['build', 1]]);
  });
});

describe('changes', () => {
  const none = new Set<string>();

  test('are only what differs from what was set here', () => {
    const host = setting('smtp.host', { value: 'mail', origin: 'console' });
    const port = setting('smtp.port', { value: '25' });
    expect(listChanges([host, port], {}, none)).toEqual({});
    expect(listChanges([host, port], { 'smtp.host': ' other ', 'smtp.port': '587' }, none)).toEqual({ 'smtp.host': 'other', 'smtp.port': '587' });
  });

  test('take back what was set here where nothing is typed', () => {
    expect(listChanges([setting('smtp.host', { value: 'mail', origin: 'console' })], { 'smtp.host': '' }, none)).toEqual({ 'smtp.host': null });
  });

  test('never touch what the file sets', () => {
    expect(listChanges([setting('smtp.host', { origin: 'file', locked: true })], { 'smtp.host': 'x' }, none)).toEqual({});
  });

  test('keep a secret that nothing is typed over, and never begin with it', () => {
    const password = setting('smtp.password', { value: '********', origin: 'console', secret: true });
    expect(readTyped(password)).toBe('');
    expect(listChanges([password], { 'smtp.password': '' }, none)).toEqual({});
    expect(listChanges([password], { 'smtp.password': 'new' }, none)).toEqual({ 'smtp.password': 'new' });
    expect(listChanges([password], {}, new Set(['smtp.password']))).toEqual({ 'smtp.password': null });
  });

  test('of an address ask for its secret anew', () => {
    const host = setting('smtp.host', { value: 'mail', origin: 'console', leads_secret: 'smtp.password' });
    const from = setting('smtp.from', { value: 'wharf@example.org', origin: 'console' });
    expect(listMoved([host, from], { 'smtp.host': 'mail', 'smtp.from': 'other@example.org' })).toEqual(new Set());
    expect(listMoved([host, from], { 'smtp.host': 'mx' })).toEqual(new Set(['smtp.password']));
  });

  test('of another code host have its name in quotes', () => {
    expect(nameApplication('Git.Example.com', 'id', '')).toEqual({ 'code_hosts."git.example.com".client_id': 'id' });
    expect(nameApplication(' ', 'id', 'x')).toEqual({});
  });
});
