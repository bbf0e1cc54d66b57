/**
 * Rows of numbers in order of time in one flat buffer; the first column is the time (Unix seconds). Old rows fall off in
 * front at no cost, so that hundreds of replicas can be remembered for hours without an object per number.
 */
export class RollingRows {
  private data: Float64Array;
  private head = 0;
  private count = 0;

  constructor(private readonly width: number) {
    this.data = new Float64Array(width * 16);
  }

  get length(): number {
    return this.count;
  }

  /** Time of a row; NaN where there is no such row. */
  time(row: number): number {
    return this.value(row, 0);
  }

  /** NaN where there is no such row. */
  value(row: number, column: number): number {
    if (row < 0 || row >= this.count) return Number.NaN;
    return this.data[(this.head + row) * this.width + column] ?? Number.NaN;
  }

  /** A copy of one row. */
  row(row: number): Float64Array {
    const start = (this.head + row) * this.width;
    return this.data.slice(start, start + this.width);
  }

  push(values: ArrayLike<number>): void {
    if ((this.head + this.count + 1) * this.width > this.data.length) this.makeRoom();
    this.data.set(values, (this.head + this.count) * this.width);
    this.count += 1;
  }

  dropFirst(): void {
    if (this.count === 0) return;
    this.head += 1;
    this.count -= 1;
  }

  dropLast(): void {
    if (this.count > 0) this.count -= 1;
  }

  /** Index of the last row whose time is at or before `time`; -1 where all are later. */
  lastAtOrBefore(time: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time(middle) <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Moves the rows to the front of the buffer, which doubles where they nearly fill it. */
  private makeRoom(): void {
    const live = this.data.subarray(this.head * this.width, (this.head + this.count) * this.width);
    const target =
      live.length * 8 > this.data.length * 7 ? new Float64Array(this.data.length * 2) : this.data;
    target.set(live);
    this.data = target;
    this.head = 0;
  }
}
