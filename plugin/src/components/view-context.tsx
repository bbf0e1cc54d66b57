import { createContext, useContext } from 'react';
import type { LatencyUnit } from '../data/format';
import type { AxisScale } from '../options';
import type { Tokens } from '../tokens';

/** What every section draws with. */
export interface Drawing {
  tokens: Tokens;
  color: (target: string) => string;
  unit: LatencyUnit;
  scale: AxisScale;
  timeZone: string;
}

export const DrawingContext = createContext<Drawing | null>(null);

export function useDrawing(): Drawing {
  const drawing = useContext(DrawingContext);
  if (drawing === null) throw new Error('a section stands outside ComparisonView');
  return drawing;
}
