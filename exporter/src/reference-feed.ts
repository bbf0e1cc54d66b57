import type { Logger } from './log';
import type { Config } from './model/config';
import type { ReferenceTarget } from './model/reference';
import { ReferenceWatch, workloadDigest } from './store/reference';

/** The saved reference as far as it says something about what is measured now. */
export class ReferenceFeed {
  private readonly watch: ReferenceWatch | null;

  constructor(
    data_dir: string | null,
    private readonly logger: Logger,
  ) {
    this.watch = data_dir === null ? null : new ReferenceWatch(data_dir);
  }

  /** Reads the file again if it changed; what cannot be used is said once. */
  async refresh(config: Pick<Config, 'targets' | 'probe'>): Promise<void> {
    if (this.watch === null) return;
    const { changed, error } = await this.watch.refresh();
    if (error !== null) this.logger.error('reference_not_read', { detail: error });
    if (!changed) return;
    const usable = this.comparable(config);
    for (const [target, { run }] of Object.entries(this.watch.targets)) {
      if (usable[target] !== undefined) this.logger.info('reference_read', { target, run });
      else
        this.logger.warn('reference_left_out', {
          target,
          run,
          detail: 'it is of another workload or of a target that is not configured; save it anew',
        });
    }
  }

  /** Of configured targets, and measured as the probes measure now: another workload would look like a regression. */
  comparable({ targets, probe }: Pick<Config, 'targets' | 'probe'>): Record<string, ReferenceTarget> {
    const names = new Set(targets.map(({ name }) => name));
    const digest = workloadDigest(probe.workload);
    const all = Object.entries(this.watch?.targets ?? {});
    return Object.fromEntries(
      all.filter(([name, { workload }]) => names.has(name) && (workload === null || workload === digest)),
    );
  }
}
