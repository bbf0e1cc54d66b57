import type { Block, Name } from './exposition-intern';
import type { Labels } from './exposition-labels';

export type Format = 'text' | 'openmetrics';

export interface Sample {
  labels: Labels;
  value: number;
}

/** What a page said: `names[r]` is the name of the samples `starts[r]` to `starts[r + 1] - 1`. */
export interface PageColumns {
  format: Format;
  names: Name[];
  starts: number[];
  blocks: Block[];
  values: Float64Array;
  /** Each `TYPE` line behind its hash. */
  types: Name[];
}

/** A parsed page. Labels are decoded only for the samples that somebody asks for. */
export class Page {
  private index: Map<string, number[]> | null = null;

  constructor(private readonly columns: PageColumns) {}

  get format(): Format {
    return this.columns.format;
  }

  /** How many sample lines the page has. */
  get size(): number {
    return this.columns.blocks.length;
  }

  /** Sample names (with `_bucket`, `_total` …) in the order of their first appearance. */
  names(): Iterable<string> {
    return this.runs().keys();
  }

  has(name: string): boolean {
    return this.runs().has(name);
  }

  /** The samples of that name; of a series that stands there twice the first, as in Prometheus. */
  samples(name: string): Sample[] {
    const { starts, blocks, values } = this.columns;
    const found = new Map<Block, number>();
    for (const run of this.runs().get(name) ?? []) {
      const end = starts[run + 1] ?? blocks.length;
      for (let i = starts[run] ?? end; i < end; i++) {
        const block = blocks[i] as Block;
        if (!found.has(block)) found.set(block, values[i] as number);
      }
    }
    return Array.from(found, ([block, value]) => ({ labels: block.labels, value }));
  }

  /** Family name -> declared type. Of two declarations the first holds. */
  types(): ReadonlyMap<string, string> {
    const types = new Map<string, string>();
    for (const { value } of this.columns.types) {
      const { family, type } = splitType(value);
      const name = family.replace(/^"(.*)"$/, '$1');
      if (!types.has(name)) types.set(name, type);
    }
    return types;
  }

  private runs(): Map<string, number[]> {
    if (this.index !== null) return this.index;
    const index = new Map<string, number[]>();
    this.columns.names.forEach(({ value: name }, run) => {
      const runs = index.get(name);
      if (runs === undefined) index.set(name, [run]);
      else runs.push(run);
    });
    return (this.index = index);
  }
}

/** Splits `TYPE family type`; what is not there is empty. */
export function splitType(line: string): { family: string; type: string } {
  const text = line.trimEnd();
  const cut = Math.max(text.lastIndexOf(' '), text.lastIndexOf('\t'));
  return { family: text.slice('TYPE'.length, cut).trim(), type: text.slice(cut + 1) };
}
