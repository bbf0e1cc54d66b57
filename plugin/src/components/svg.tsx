import React from 'react';
import type { Drawing } from './view-context';
import type { Scale } from './scale';
import { onArrow } from './tip';

/** Estimated width of a text, pixels: good enough to decide what fits, and the same everywhere. */
export const textWidth = (text: string, px: number) => [...text].length * px * 0.55;

/** Cuts a text to a width; the end of a name is often its telling part, so the middle goes. */
export function fitText(text: string, px: number, width: number): string {
  const letters = [...text];
  const room = Math.floor(width / (px * 0.55));
  if (letters.length <= room) return text;
  if (room < 3) return letters.slice(0, Math.max(1, room)).join('');
  const head = Math.ceil((room - 1) / 2);
  return `${letters.slice(0, head).join('')}…${letters.slice(letters.length - (room - 1 - head)).join('')}`;
}

interface ChartProps {
  width: number;
  height: number;
  label: string;
  children: React.ReactNode;
}

/** An SVG whose marks the keyboard walks. */
export function Chart({ width, height, label, children }: ChartProps) {
  return (
    <svg
      width={width}
      height={height}
      role="group"
      aria-label={label}
      onKeyDown={onArrow}
      style={{ display: 'block', overflow: 'visible', fontVariantNumeric: 'tabular-nums' }}
    >
      {children}
    </svg>
  );
}

interface TextProps {
  drawing: Drawing;
  x: number;
  y: number;
  anchor?: 'start' | 'middle' | 'end';
  px?: number;
  fill?: string;
  weight?: number;
  children: React.ReactNode;
}

export function Text({ drawing, x, y, anchor = 'start', px = 12, fill, weight, children }: TextProps) {
  return (
    <text
      x={x}
      y={y}
      textAnchor={anchor}
      dominantBaseline="central"
      fontSize={px}
      fontWeight={weight}
      fill={fill ?? drawing.tokens.text.secondary}
    >
      {children}
    </text>
  );
}

interface GridProps {
  drawing: Drawing;
  scale: Scale;
  top: number;
  bottom: number;
  label: (value: number) => string;
}

/** Vertical hairlines with their values below. */
export function VerticalGrid({ drawing, scale, top, bottom, label }: GridProps) {
  const color = drawing.tokens.border.weak;
  return (
    <g aria-hidden="true">
      {scale.ticks.map((tick, i) => {
        const x = Math.round(scale.at(tick)) + 0.5;
        const last = i === scale.ticks.length - 1;
        return (
          <React.Fragment key={tick}>
            <line x1={x} x2={x} y1={top} y2={bottom} stroke={color} />
            <Text drawing={drawing} x={x} y={bottom + 12} px={11} anchor={last ? 'end' : 'middle'}>
              {label(tick)}
            </Text>
          </React.Fragment>
        );
      })}
    </g>
  );
}

/** Horizontal hairlines with their values at the left. */
export function HorizontalGrid({
  drawing,
  scale,
  left,
  right,
  label,
}: Omit<GridProps, 'top' | 'bottom'> & { left: number; right: number }) {
  return (
    <g aria-hidden="true">
      {scale.ticks.map((tick) => {
        const y = Math.round(scale.at(tick)) + 0.5;
        return (
          <React.Fragment key={tick}>
            <line x1={left} x2={right} y1={y} y2={y} stroke={drawing.tokens.border.weak} />
            <Text drawing={drawing} x={left - 8} y={y} px={11} anchor="end">
              {label(tick)}
            </Text>
          </React.Fragment>
        );
      })}
    </g>
  );
}
