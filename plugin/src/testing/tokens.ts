import type { Tokens } from '../tokens';

const tones = (prefix: string) => ({
  good: `${prefix}-good`,
  bad: `${prefix}-bad`,
  critical: `${prefix}-critical`,
  warning: `${prefix}-warning`,
  neutral: `${prefix}-neutral`,
});

/** Tokens of no theme in particular. */
export const TOKENS: Tokens = {
  text: { primary: '#fff', secondary: '#ccc', disabled: '#888' },
  background: { primary: '#111', raised: '#222', track: '#333' },
  border: { weak: '#333', medium: '#444' },
  tone: tones('tone'),
  toneSoft: tones('soft'),
  fontFamily: 'sans-serif',
  focus: '#6af',
  zIndexTooltip: 100,
  palette: ['#e69f00', '#56b4e9'],
  named: (color) => color,
};
