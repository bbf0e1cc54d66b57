import type { DataFrame } from '@grafana/data';
import { prepare, type PrepareContext } from '../data/prepare';
import type { PanelOptions } from '../options';
import type { ComparisonViewModel, PanelMessage } from '../types';
import { context, LLMD, OPTIONS, VLLM, type TargetSpec } from './frames';

/** The view of frames that have one. */
export function view(
  frames: DataFrame[],
  options: Partial<PanelOptions> = {},
  over: Partial<PrepareContext> = {},
): ComparisonViewModel {
  const prepared = prepare(frames, { ...OPTIONS, ...options }, context(over));
  if (prepared.kind !== 'view') throw new Error(`a message instead of a view: ${prepared.title}`);
  return prepared.view;
}

/** The message of frames that have no view. */
export function message(frames: DataFrame[], over: Partial<PrepareContext> = {}): PanelMessage {
  const prepared = prepare(frames, OPTIONS, context(over));
  if (prepared.kind !== 'message') throw new Error('a view instead of a message');
  return prepared;
}

/** vllm and llm-d, with changes. */
export const pair = (
  baseline: Partial<TargetSpec> = {},
  candidate: Partial<TargetSpec> = {},
): TargetSpec[] => [
  { ...VLLM, ...baseline },
  { ...LLMD, ...candidate },
];
