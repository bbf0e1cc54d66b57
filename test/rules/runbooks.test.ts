import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promqlProblems } from './promql-labels';
import { alertNames, labelsOf, RUNBOOKS } from './rule-files';

const SECTIONS = ['Meaning', 'Impact', 'Diagnosis', 'Mitigation'];

const names = readdirSync(RUNBOOKS)
  .filter((name) => name.endsWith('.md'))
  .map((name) => name.slice(0, -3))
  .sort();

const textOf = (name: string) => readFileSync(join(RUNBOOKS, `${name}.md`), 'utf8');

/** Heading -> text below it. */
const sections = (name: string) =>
  textOf(name)
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [heading = '', ...lines] = part.split('\n');
      return { heading, text: lines.join('\n').trim() };
    });

const queriesOf = (text: string) =>
  [...text.matchAll(/```promql\n([^]*?)```/g)].map(([, query = '']) => query.trim());

test('each alert has a runbook, and each runbook an alert', () => {
  expect(names).toEqual(alertNames);
});

test.each(names.map((name) => [name]))(
  '%s says what it means, what it costs, how to find out, what to do',
  (name) => {
    expect(textOf(name).startsWith(`# ${name}\n`)).toBe(true);
    const found = sections(name);
    expect(found.map(({ heading }) => heading)).toEqual(SECTIONS);
    expect(found.filter(({ text }) => text.length < 40)).toEqual([]);
    expect(queriesOf(found[2]!.text).length).toBeGreaterThan(0);
  },
);

test('queries to paste parse, and ask for series and labels that exist', () => {
  const queries = names.flatMap((name) => queriesOf(textOf(name)));
  expect(queries.length).toBeGreaterThan(50);
  expect(queries.flatMap((query) => promqlProblems(query, labelsOf))).toEqual([]);
});

test('series that are named in the text exist too', () => {
  const named = names.flatMap((name) =>
    [...textOf(name).matchAll(/`((?:target(?:_turn)?:)?taillight_\w+(?::\w+)?)`/g)].map(
      ([, series]) => series!,
    ),
  );
  expect(named.filter((series) => labelsOf(series) === null)).toEqual([]);
});

test('links between runbooks and into the docs lead somewhere', () => {
  const broken = names.flatMap((name) =>
    [...textOf(name).matchAll(/\]\(([^)#]+)\)/g)]
      .map(([, link]) => link!)
      .filter((link) => !link.startsWith('http') && !existsSync(join(RUNBOOKS, link)))
      .map((link) => `${name}: ${link}`),
  );
  expect(broken).toEqual([]);
});
