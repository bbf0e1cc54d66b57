export interface LinePoint {
  x: number;
  /** null is a gap. */
  y: number | null;
  lower: number | null;
  upper: number | null;
}

export interface Line {
  target: string;
  points: readonly LinePoint[];
}

/** Where the plot stands, and values to pixels. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: (value: number) => number;
  y: (value: number) => number;
}
