/** A program for `ProbeThread` to start, as `main` is for the real one. */
import { runProbeThread } from '../../exporter/src/probe/probe-worker';

runProbeThread();
